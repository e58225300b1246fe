import type { CoseSign1 } from './cbor/cose-sign1.js';
import type { FrameReading } from './reading.js';

/** Bounds of one frame; a frame beyond them is refused as a whole. */
export const FRAME_LIMITS = {
  bytes: 256 * 1024,
  readings: 1000,
  /** First to last reading: keeps a frame inside one daily partition and its neighbour. */
  spanMs: 24 * 3_600_000,
  /** A reading may be newer than the receiver's clock by this much. */
  futureMs: 15 * 60_000,
} as const;

/** A numbered message of a gateway; `readings` in the order received, never empty. */
export interface Frame {
  /** Start of the gateway's counting; null together with `seq` for an unsequenced message. */
  readonly boot: string | null;
  readonly seq: number | null;
  /** Milliseconds since the gateway started. */
  readonly upMs: number | null;
  readonly readings: readonly FrameReading[];
  readonly firstAt: number;
  readonly lastAt: number;
  /** Read, not verified; null when unsigned. */
  readonly signature: FrameSignature | null;
}

/**
 * `trailing`: the text of `sig` and how many leading bytes of the message it signs (interfaces §3); which algorithm
 * follows from the gateway's key. `cose`: what COSE_Sign1 says.
 */
export type FrameSignature =
  | { readonly form: 'trailing'; readonly text: string; readonly signedBytes: number }
  | ({ readonly form: 'cose' } & CoseSign1);

/** Why a message is set aside. Literals: they go to the dead letter and, as rejected, back to the gateway. */
export const FRAME_REFUSALS = [
  'frame-too-large',
  'utf8-invalid',
  'json-invalid',
  'cbor-invalid',
  'member-repeated',
  'shape-invalid',
  'member-unknown',
  'member-missing',
  'member-invalid',
  'sequence-missing',
  'frame-empty',
  'too-many-readings',
  'temperature-implausible',
  'humidity-implausible',
  'unit-invalid',
  'time-relative',
  'time-in-future',
  'time-too-old',
  'span-too-long',
  'signature-malformed',
] as const;
export type FrameRefusal = (typeof FRAME_REFUSALS)[number];

/** A message that was set aside: `boot` and `seq` are given where they could be read, so that the number can be rejected. */
export interface RefusedFrame {
  readonly ok: false;
  readonly code: FrameRefusal;
  readonly details: Readonly<Record<string, string | number>>;
  readonly boot: string | null;
  readonly seq: number | null;
}

export type DecodedFrame = { readonly ok: true; readonly frame: Frame } | RefusedFrame;

export interface DecodeOptions {
  /** The receiver's clock, ms. */
  readonly now: number;
  /** The oldest believable reading, ms; earlier ones are refused as `time-too-old`. */
  readonly oldest: number;
  /** Whether a message without `boot` and `seq` is taken (gateways registered so). Default `refuse`. */
  readonly unsequenced?: 'refuse' | 'accept';
}

/** UTC day (`YYYY-MM-DD`) of an instant: a frame's partition is the day of its first reading. */
export function dayOf(at: number): string {
  const day = Math.floor(at / DAY_MS);
  if (day !== lastDay.day) lastDay = { day, text: new Date(at).toISOString().slice(0, 10) };
  return lastDay.text;
}

const DAY_MS = 86_400_000;
/** Most frames are of one day. */
let lastDay = { day: 0, text: '1970-01-01' };

/** Whether a text can be a signature: base64 or base64url. Whether it is right is for the receiver to verify. */
export function isSignatureText(text: string): boolean {
  return /^[A-Za-z0-9+/=_-]{16,512}$/.test(text);
}
