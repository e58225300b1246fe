import type { PartyId } from '@coldchain/chaincode/protocol';
import { sleep } from '@coldchain/kernel';
import type { Settled } from '../ledger.js';
import { outcomeIn, type ReadBlock } from './block-reading.js';
import { blockStream } from './block-stream.js';
import type { Peers } from './peers.js';

const AGAIN_MS = 1000;

/** What becomes of submitted transactions, for all of them from one stream of blocks. */
export class OutcomeStream {
  private readonly waiting = new Map<string, Set<(outcome: Settled) => void>>();
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;
  private seen: number;
  private known: number;

  /** @param height number of blocks that there are now */
  constructor(
    private readonly peers: Peers,
    reader: PartyId,
    chaincode: string,
    height: number,
  ) {
    this.seen = height;
    this.known = height;
    this.running = this.follow(reader, chaincode);
  }

  /** Number of blocks that are known here to be committed by a peer. */
  get height(): number {
    return Math.max(this.seen, this.known);
  }

  /** Somebody learned of so many blocks otherwise: from a look-up at another peer, or before this process started. */
  learn(height: number): void {
    this.known = Math.max(this.known, height);
  }

  /** Waits for a transaction from now on; `forget` must be called. */
  await(transactionId: string): { readonly outcome: Promise<Settled>; readonly forget: () => void } {
    const waiters = this.waiting.get(transactionId) ?? new Set();
    this.waiting.set(transactionId, waiters);
    let settle: (outcome: Settled) => void = () => undefined;
    const outcome = new Promise<Settled>((resolve) => {
      settle = resolve;
    });
    waiters.add(settle);
    const forget = (): void => {
      waiters.delete(settle);
      if (waiters.size === 0 && this.waiting.get(transactionId) === waiters) this.waiting.delete(transactionId);
    };
    return { outcome, forget };
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async follow(reader: PartyId, chaincode: string): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        for await (const read of blockStream(this.peers, reader, chaincode, this.seen, signal)) this.tell(read);
      } catch {
        // Who waits looks up by id in the meantime; what is wrong is reported by the calls that meet it as well.
        await sleep(AGAIN_MS, signal);
      }
    }
  }

  private tell(read: ReadBlock): void {
    this.seen = read.block.number + 1;
    for (const { transactionId } of read.block.transactions) {
      const outcome = outcomeIn(read, transactionId);
      if (outcome === undefined) continue;
      for (const settle of this.waiting.get(transactionId) ?? []) settle(outcome);
    }
  }
}
