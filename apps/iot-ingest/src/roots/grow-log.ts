import { type ActContext, anchorRoot } from '@coldchain/custody';
import { merkleRoot } from '@coldchain/kernel';
import { frameCommitment, frameSalt } from '@coldchain/telemetry';
import { notAhead } from '../follower-ahead.js';
import { boundedWindow, framesIn, readHorizon } from './new-frames.js';
import { lockLog, lostRoots, moveFollowed, storeTree, type TelemetryLog, type TreeHead } from './telemetry-log.js';

/** Leaves of one tree at most, unless one transaction brought more: a path is hashed anew in 40 ms when it is asked for. */
export const MOST_LEAVES = 16_384;

/** What one look at an organisation's log did. */
export interface Growth {
  /** Leaves of the new tree; 0: nothing new, no tree. */
  readonly leaves: number;
  /** Roots that were refused before and are on their way again. */
  readonly sentAgain: number;
  /** There was more than one tree may hold. */
  readonly more: boolean;
}

/**
 * Gives every frame that became visible since the last look its leaf in a new tree, and queues the root for the ledger,
 * all in the caller's transaction: tree, place of the follower and outbox row are there together or not at all. Frames
 * are taken by transaction: one that committed late is not below the follower's place before it is visible.
 *
 * @throws ActRefused when the contract would refuse the root: frames wait for a later look.
 * @throws FollowerAhead
 */
export async function growLog(context: ActContext, mostLeaves = MOST_LEAVES): Promise<Growth> {
  const { transaction, organisation, random } = context;
  const log = await lockLog(transaction, random);
  if (log === null) return { leaves: 0, sentAgain: 0, more: false };
  const lost = await lostRoots(transaction, log);
  for (const head of lost) await anchorRoot(context, payloadOf(log, head));

  const horizon = await readHorizon(transaction);
  notAhead(log.followed, horizon.next);
  const whole = { from: log.followed, to: horizon.to };
  const window = await boundedWindow(transaction, organisation.id, whole, mostLeaves);
  const frames = await framesIn(transaction, organisation.id, window);
  await moveFollowed(transaction, window.to);
  const more = window.to !== whole.to;
  if (frames.length === 0) return { leaves: 0, sentAgain: lost.length, more };

  const commitments = frames.map((frame) => {
    const name = { organisation: organisation.slug, gateway: frame.gateway, boot: frame.boot, sequence: frame.seq };
    return frameCommitment(frameSalt(log.secret, name), name, frame.sha256);
  });
  const received = frames.reduce((first, frame) => Math.min(first, frame.receivedAt.getTime()), horizon.at);
  const from = log.newest?.window.to ?? received;
  const head: TreeHead = {
    index: (log.newest?.index ?? -1) + 1,
    root: merkleRoot(commitments).toString('hex'),
    previous: log.newest?.root ?? null,
    count: frames.length,
    // A clock that was set back does not make windows overlap.
    window: { from, to: Math.max(from, horizon.at) },
  };
  await storeTree(transaction, head, frames, commitments);
  await anchorRoot(context, payloadOf(log, head));
  return { leaves: frames.length, sentAgain: lost.length, more };
}

const payloadOf = ({ log }: TelemetryLog, head: TreeHead) => ({ log, ...head });
