import { hash } from 'node:crypto';
import type { PackedFrame, SetAsideCode } from '@coldchain/telemetry';
import type { ReceivedMessage } from '../message-source.js';

/**
 * Why a message is in `dead_letter`. `sequence-clash`: its number was used before, with other bytes or on another day.
 * `sequence-detached`: it was used before, and what for was moved away with its day, or cannot be read there.
 * `model-unusable`: the gateway's registered model is none. `storage-refused`: the database objects to its content (details: SQLSTATE). `decoder-failed`: a defect of ours.
 */
export type DeadLetterCode = SetAsideCode;

/** A message that decoded, with its readings packed by logger. */
export interface FrameEntry {
  readonly kind: 'frame';
  readonly message: ReceivedMessage;
  readonly boot: string;
  readonly seq: number;
  /** False: without numbers of its own; `boot` and `seq` were derived, and no watermark is kept. */
  readonly sequenced: boolean;
  /** UTC day of its first reading. */
  readonly day: string;
  readonly frame: PackedFrame;
  /** Of its bytes; null: not computed, {@link sha256Of} does. */
  readonly sha256: Buffer | null;
  /** Key that its signature was verified with; null: unsigned, or its gateway has no key. */
  readonly signedBy: number | null;
  /** Its readings have other times than its bytes say, because the clock of its boot was wrong; null: they have not. */
  readonly redated: Redating | null;
}

/** How a frame was re-dated. */
export interface Redating {
  readonly shiftMs: number;
  /** UTC day of its first reading as received. */
  readonly receivedDay: string;
}

/** A message that goes to `dead_letter`; `boot` and `seq` where they could be read. */
export interface DeadLetterEntry {
  readonly kind: 'dead-letter';
  readonly message: ReceivedMessage;
  readonly code: DeadLetterCode;
  readonly details: Readonly<Record<string, string | number>>;
  readonly boot: string | null;
  readonly seq: number | null;
  /** True: names of sender and topic are left out, because the database objected to one of them. */
  readonly bytesOnly: boolean;
}

/** A message that leaves nothing in the database. */
export interface StatusEntry {
  readonly kind: 'status';
  readonly message: ReceivedMessage;
}

export type Entry = FrameEntry | DeadLetterEntry | StatusEntry;

/** SHA-256 of a frame's bytes. Of single readings it is not stored, and few of them are asked for it. */
export function sha256Of({ sha256, message }: FrameEntry): Buffer {
  return sha256 ?? hash('sha256', message.payload, 'buffer');
}

/** The same message, set aside. */
export function deadLetter(
  entry: Entry,
  code: DeadLetterCode,
  details: Readonly<Record<string, string | number>>,
): DeadLetterEntry {
  const isNumbered = entry.kind === 'dead-letter' || (entry.kind === 'frame' && entry.sequenced);
  const { boot, seq } = isNumbered ? entry : { boot: null, seq: null };
  return { kind: 'dead-letter', message: entry.message, code, details, boot, seq, bytesOnly: false };
}
