import { createHash } from 'node:crypto';
import { dayOf, decodeReadings, splitFrame } from '@coldchain/telemetry';
import type { ReceivedMessage } from '../message-source.js';
import type { DeadLetterEntry, Entry } from './entry.js';

/** The boot under which frames without numbers are kept; no gateway can name it, because a boot has no space. */
export const UNSEQUENCED_BOOT = 'without numbers';

/** What the receiver's side knows at this moment. */
export interface ReadingContext {
  /** ms since 1970 */
  readonly now: number;
  readonly maxAgeDays: number;
}

const DAY_MS = 86_400_000;

/** Decodes, validates and hashes one message. Never throws: what cannot be read becomes a dead letter. */
export function readMessage(message: ReceivedMessage, context: ReadingContext): Entry {
  if (message.refusal !== null) {
    return set(message, { code: message.refusal, details: {}, boot: null, seq: null });
  }
  if (message.channel === 'status') return { kind: 'status', message };
  try {
    return readFrame(message, context);
  } catch (error) {
    return set(message, { code: 'decoder-failed', details: { error: String(error) }, boot: null, seq: null });
  }
}

function readFrame(message: ReceivedMessage, { now, maxAgeDays }: ReadingContext): Entry {
  const decoded = decodeReadings(message.payload, {
    now,
    oldest: now - maxAgeDays * DAY_MS,
    unsequenced: message.gateway.acceptsUnsequenced ? 'accept' : 'refuse',
  });
  if (!decoded.ok) return set(message, decoded);
  const { frame } = decoded;
  const sha256 = createHash('sha256').update(message.payload).digest();
  const sequenced = frame.boot !== null && frame.seq !== null;
  return {
    kind: 'frame',
    message,
    frame,
    sha256,
    sequenced,
    boot: frame.boot ?? UNSEQUENCED_BOOT,
    // Without a number of its own a frame is known by its bytes: 48 bits of their hash, so that a repetition meets itself.
    seq: frame.seq ?? sha256.readUIntBE(0, 6),
    day: dayOf(frame.firstAt),
    series: splitFrame(frame),
  };
}

function set(
  message: ReceivedMessage,
  refused: Pick<DeadLetterEntry, 'code' | 'details' | 'boot' | 'seq'>,
): DeadLetterEntry {
  const { code, details, boot, seq } = refused;
  return { kind: 'dead-letter', message, code, details, boot, seq, bytesOnly: false };
}
