/** Bits of one watermark row, as PostgreSQL prints bit(1024): the first character is the row's first number. */
export interface WatermarkChunk {
  readonly chunk: number;
  readonly bits: string;
}

/** A number that was set aside, and why. */
export type Rejection = readonly [seq: number, code: string];

/** What a gateway is told about one boot (interfaces §3). */
export interface BootAcknowledgement {
  readonly boot: string;
  /** The smallest number that is settled; null while there is none. */
  readonly first: number | null;
  /** Everything from 0 to here is settled: stored, or set aside as rejected. -1 while 0 is missing. */
  readonly contiguous: number;
  /** The highest number that is settled; -1 while there is none. Up to it everything that is not missing is settled. */
  readonly last: number;
  /** Ranges between `contiguous` and `last` that are still to be sent, closed; of more than 32 the lowest 32. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  readonly rejected: readonly Rejection[];
}

/** Payload of an application acknowledgement. */
export interface Acknowledgement {
  readonly boots: readonly BootAcknowledgement[];
  /** Clock of the server, ISO 8601 UTC. */
  readonly time: string;
}

const CHUNK = 1024;
const MOST_RANGES = 32;

/**
 * Draws up the acknowledgement of one boot from its watermark rows (ascending; rows below `settledBelow` may be left out)
 * and its rejected numbers. `settledBelow`: every number below is known to be settled.
 */
export function acknowledgeBoot(
  boot: string,
  chunks: readonly WatermarkChunk[],
  rejected: readonly Rejection[],
  settledBelow: number,
  first: number | null,
): BootAcknowledgement {
  const settled = settledNumbers(chunks, rejected);
  const missing: (readonly [number, number])[] = [];
  let contiguous = settledBelow - 1;
  let next = settledBelow;
  let last = settledBelow - 1;
  for (const [from, to] of settled) {
    if (to > last) last = to;
    if (to < next) continue;
    if (from > next) {
      if (missing.length === MOST_RANGES) continue;
      missing.push([next, from - 1]);
    } else if (missing.length === 0) contiguous = to;
    next = to + 1;
  }
  return { boot, first, contiguous, last, missing, rejected };
}

/** Ascending runs of numbers that are stored or rejected. */
function settledNumbers(
  chunks: readonly WatermarkChunk[],
  rejected: readonly Rejection[],
): (readonly [number, number])[] {
  const runs = chunks.flatMap(({ chunk, bits }) => runsOf(bits, chunk * CHUNK));
  const singles = rejected.map(([seq]) => [seq, seq] as const);
  return [...runs, ...singles].sort((a, b) => a[0] - b[0]);
}

function runsOf(bits: string, offset: number): (readonly [number, number])[] {
  const runs: (readonly [number, number])[] = [];
  for (let from = bits.indexOf('1'); from >= 0;) {
    const end = bits.indexOf('0', from);
    runs.push([offset + from, offset + (end < 0 ? bits.length : end) - 1]);
    from = end < 0 ? -1 : bits.indexOf('1', end);
  }
  return runs;
}
