import { hash } from 'node:crypto';
import {
  dayOf,
  decodeMapped,
  decodePacked,
  type DecodedPackedFrame,
  type DecodeOptions,
  FRAME_LIMITS,
  type GatewayModel,
  packFrame,
} from '@coldchain/telemetry';
import type { BootClocks } from '../clocks/boot-clocks.js';
import { type PlausibleTimes, type Redatable, redateEntries } from '../clocks/redate-entries.js';
import type { GatewayPolicy } from '../gateways/gateway-policy.js';
import type { ReceivedMessage } from '../message-source.js';
import { deadLetter, type DeadLetterEntry, type Entry, type FrameEntry } from './entry.js';
import { type VerifiedSignature, verifySignature } from './verify-signature.js';

/** The boot under which frames without numbers are kept; no gateway can name it, because a boot has no space. */
export const UNSEQUENCED_BOOT = 'without numbers';

/** What the receiver's side knows at this moment. */
export interface ReadingContext {
  /** ms since 1970 */
  readonly now: number;
  readonly maxAgeDays: number;
  readonly policies: ReadonlyMap<number, GatewayPolicy>;
  readonly clocks: BootClocks;
}

/** Of a gateway that is not in the registry any more; nothing of it will be stored under it. */
const NO_POLICY: GatewayPolicy = { model: null, signaturesRequired: false, keys: [], hasRevokedKeys: false };

const DAY_MS = 86_400_000;

/**
 * Decodes, validates and hashes messages, dates frames of boots whose clock was wrong, and verifies signatures, all of a
 * group at once beside the event loop. What cannot be read or believed becomes a dead letter.
 * @throws when the database does not answer
 */
export async function readMessages(messages: readonly ReceivedMessage[], context: ReadingContext): Promise<Entry[]> {
  const entries = messages.map((message) => readMessage(message, context));
  const candidates: Redatable[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index] as Entry;
    try {
      const frame = redatableOf(entry, context);
      if (frame !== null) candidates.push({ index, frame });
    } catch (error) {
      // Thrown on, it would look like an outage, and everything would wait for one message.
      entries[index] = deadLetter(entry, 'decoder-failed', { error: String(error) });
    }
  }
  if (candidates.length > 0) await redateEntries(entries, candidates, context.clocks, plausibleTimes(context));
  const verified: Promise<void>[] = [];
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.kind !== 'frame') continue;
    const policy = context.policies.get(entry.message.gateway.id) ?? NO_POLICY;
    if (entry.frame.signature === null && !policy.signaturesRequired) continue;
    const judge = (answer: VerifiedSignature): void => {
      entries[index] = answer.ok ? { ...entry, signedBy: answer.key } : deadLetter(entry, answer.code, {});
    };
    const answer = verifySignature(entry.message.payload, entry.frame.signature, policy);
    if (!(answer instanceof Promise)) judge(answer);
    else
      verified.push(
        answer.then(judge, (error: unknown) => {
          entries[index] = deadLetter(entry, 'decoder-failed', { error: String(error) });
        }),
      );
  }
  await Promise.all(verified);
  return entries;
}

function readMessage(message: ReceivedMessage, context: ReadingContext): Entry {
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

/** A frame that counts since the gateway's start, also one whose times were not believed. */
function redatableOf(entry: Entry, context: ReadingContext): FrameEntry | null {
  if (entry.kind === 'frame') return entry.sequenced && entry.frame.upMs !== null ? entry : null;
  if (entry.kind !== 'dead-letter' || entry.boot === null || !TIME_REFUSALS.has(entry.code)) return null;
  const frame = readFrame(entry.message, context, CALENDAR);
  return frame.kind === 'frame' && frame.frame.upMs !== null ? frame : null;
}

/** What a wrong clock may show, 1970 to 9999. Beyond are no times: neither days nor packed series have room for them. */
const CALENDAR: PlausibleTimes = { oldest: 0, newest: Date.UTC(9999, 11, 31) };

const TIME_REFUSALS: ReadonlySet<string> = new Set(['time-in-future', 'time-too-old']);

function plausibleTimes({ now, maxAgeDays }: ReadingContext): PlausibleTimes {
  return { oldest: now - maxAgeDays * DAY_MS, newest: now + FRAME_LIMITS.futureMs };
}

function readFrame(
  message: ReceivedMessage,
  context: ReadingContext,
  { oldest, newest }: PlausibleTimes = plausibleTimes(context),
): Entry {
  const { model } = context.policies.get(message.gateway.id) ?? NO_POLICY;
  if (model === 'unusable') return set(message, { code: 'model-unusable', details: {}, boot: null, seq: null });
  const options = {
    now: newest - FRAME_LIMITS.futureMs,
    oldest,
    unsequenced: message.gateway.acceptsUnsequenced ? ('accept' as const) : ('refuse' as const),
  };
  const decoded = decode(message.payload, model, options);
  if (!decoded.ok) return set(message, decoded);
  const { frame } = decoded;
  const sequenced = frame.boot !== null && frame.seq !== null;
  const hashed = (): Buffer => hash('sha256', message.payload, 'buffer');
  const sha256 = sequenced && frame.single !== null ? null : hashed();
  return {
    kind: 'frame',
    message,
    frame,
    sha256,
    signedBy: null,
    sequenced,
    boot: frame.boot ?? UNSEQUENCED_BOOT,
    // Without a number of its own a frame is known by its bytes: 48 bits of their hash, so that a repetition meets itself.
    seq: frame.seq ?? (sha256 ?? hashed()).readUIntBE(0, 6),
    day: dayOf(frame.firstAt),
    redated: null,
  };
}

function decode(payload: Buffer, model: GatewayModel | null, options: DecodeOptions): DecodedPackedFrame {
  if (model === null) return decodePacked(payload, options);
  const decoded = decodeMapped(payload, model, options);
  return decoded.ok ? { ok: true, frame: packFrame(decoded.frame) } : decoded;
}

function set(
  message: ReceivedMessage,
  refused: Pick<DeadLetterEntry, 'code' | 'details' | 'boot' | 'seq'>,
): DeadLetterEntry {
  const { code, details, boot, seq } = refused;
  return { kind: 'dead-letter', message, code, details, boot, seq, bytesOnly: false };
}
