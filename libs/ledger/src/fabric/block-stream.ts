import type { CloseableAsyncIterable } from '@hyperledger/fabric-gateway';
import type { common } from '@hyperledger/fabric-protos';
import type { PartyId } from '@coldchain/chaincode/protocol';
import { sleep } from '@coldchain/kernel';
import { type ReadBlock, readBlock } from './block-reading.js';
import type { Peers } from './peers.js';

const AGAIN_MS = 200;
const AGAIN_AT_MOST_MS = 5000;

/**
 * All blocks from a number on, in order and each once, and then each new one as it comes, until the signal is aborted.
 * When the stream breaks, it goes on where it was, at the next peer.
 */
export async function* blockStream(
  peers: Peers,
  reader: PartyId,
  chaincode: string,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<ReadBlock> {
  let next = from;
  for (let failures = 0; !signal.aborted; failures++) {
    const peer = peers.first;
    let stream: CloseableAsyncIterable<common.Block> | undefined;
    const stop = (): void => stream?.close();
    const stopped = (): boolean => signal.aborted;
    signal.addEventListener('abort', stop, { once: true });
    try {
      const network = await peers.network(peer, reader);
      stream = await network.getBlockEvents({ startBlock: BigInt(next) });
      const blocks = stream[Symbol.asyncIterator]();
      for (;;) {
        // Asked for before anything can close the stream: only then does somebody listen for the error of closing.
        const asked = nextOf(blocks);
        if (stopped()) stop();
        const item = await asked;
        if (item === null) break;
        const read = readBlock(item, chaincode);
        if (read.block.number !== next) break;
        next++;
        failures = 0;
        yield read;
        if (signal.aborted) return;
      }
    } finally {
      signal.removeEventListener('abort', stop);
      stream?.close();
    }
    if (signal.aborted) return;
    peers.leave(peer);
    // At another peer at once: each one is tried before anything is waited for.
    if (failures >= peers.all.length)
      await sleep(Math.min(AGAIN_AT_MOST_MS, AGAIN_MS * 2 ** (failures - peers.all.length)), signal);
  }
}

/** Null when the stream has ended, also by a failure: why makes no difference to what has to be done. */
async function nextOf(blocks: AsyncIterator<common.Block>): Promise<common.Block | null> {
  try {
    const { done, value } = await blocks.next();
    return done === true ? null : value;
  } catch {
    return null;
  }
}
