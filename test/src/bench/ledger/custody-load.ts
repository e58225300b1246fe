import type { Command, Query } from '@coldchain/chaincode/protocol';
import { sleep } from '@coldchain/kernel';
import type { FabricLedger } from '@coldchain/ledger/fabric';
import { type Act, Consignment, MAKER, preparations } from './custody-acts.js';

/** Units that one event of the large kind names. */
export const LARGE = 50;
/** More than are under way at once: a unit rests for some blocks between two acts, as goods do. */
const SINGLES = 512;
const FEWEST_LARGES = 8;
const RETRY_MS = 40;
/**
 * A query, submitted as if it were a command: no reads, no writes, no event. What it costs is what the network asks for
 * any transaction under this endorsement policy.
 */
const EMPTY: Query = 'getBuildDigest';

/** Acts on a ledger, one after the other or many at once. */
export class CustodyLoad {
  /** Proposals that had to be made again: lost a race, or peers that were a block behind. */
  retries = 0;
  private readonly singles: Consignment[] = [];
  private readonly larges: Consignment[] = [];

  /** @param inFlight calls under way at once at most */
  constructor(
    private readonly ledger: FabricLedger,
    private readonly inFlight: number,
  ) {}

  /** Events of the large kind that can be under way at once: each has units of its own. */
  get mostLarge(): number {
    return this.larges.length;
  }

  /**
   * Parties, batch and units: for as many large events as shall be under way at once, or as a slow machine makes in the
   * time.
   * @returns units per second
   */
  async prepare(budgetMs: number): Promise<number> {
    for (const act of preparations()) await this.commit(act);
    const began = performance.now();
    const packing = this.packing(began + budgetMs);
    let units = 0;
    const clients = Array.from({ length: this.inFlight }, async () => {
      for (const act of packing) {
        await this.commit(act);
        units++;
      }
    });
    await Promise.all(clients);
    return (units * 1000) / (performance.now() - began);
  }

  private *packing(until: number): Generator<Act> {
    for (let number = 0; number < SINGLES; number++) {
      const consignment = new Consignment(`single ${number}`, 1);
      this.singles.push(consignment);
      yield* consignment.packing();
    }
    for (let number = 0; number < this.inFlight; number++) {
      if (number >= FEWEST_LARGES && performance.now() > until) return;
      const consignment = new Consignment(`large ${number}`, LARGE);
      this.larges.push(consignment);
      yield* consignment.packing();
    }
  }

  /** One transaction that does nothing. */
  async empty(): Promise<void> {
    await this.commit({ party: MAKER, command: EMPTY as unknown as Command, payload: '' as never });
  }

  /** One event with one unit. */
  single(): Promise<void> {
    return this.step(this.singles);
  }

  /** One event with {@link LARGE} units. */
  large(): Promise<void> {
    return this.step(this.larges);
  }

  /** Until it is in a valid block, as the relay does it. @throws Error on a refusal */
  async commit({ party, command, payload }: Act): Promise<void> {
    for (;;) {
      const preparation = await this.ledger.prepare(command, payload, party);
      if (preparation.kind === 'refused') throw new Error(`${command}: ${JSON.stringify(preparation.refusal)}`);
      if (preparation.kind === 'prepared') {
        let outcome = await this.ledger.submit(preparation.envelope);
        while (outcome.kind === 'outcome-unknown') outcome = await this.ledger.submit(preparation.envelope);
        if (outcome.kind === 'committed') return;
        if (outcome.kind === 'invalid') throw new Error(`${command}: ${JSON.stringify(outcome)}`);
      }
      this.retries++;
      await sleep(RETRY_MS);
    }
  }

  private async step(consignments: Consignment[]): Promise<void> {
    const consignment = consignments.shift();
    if (consignment === undefined) throw new Error('more acts at once than there are consignments');
    await this.commit(consignment.step());
    consignments.push(consignment);
  }
}
