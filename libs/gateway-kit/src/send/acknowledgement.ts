/** What the platform says about one boot (interfaces §3). */
export interface BootAcknowledgement {
  readonly boot: string;
  readonly contiguous: number;
  /** Highest number that is settled; older platforms leave it out. */
  readonly last?: number;
  readonly missing: readonly (readonly [from: number, to: number])[];
  readonly rejected: readonly (readonly [seq: number, code: string])[];
}

/** An acknowledgement: what is settled of which boots, and the platform's time when it said so. */
export interface Acknowledgement {
  readonly boots: readonly BootAcknowledgement[];
  /** ms since 1970; null where it says none. */
  readonly time: number | null;
}

/** Of more ranges than this an acknowledgement names only the lowest. */
const NAMED_RANGES = 32;

/** Reads the payload of a message on `acks`; null for anything else. */
export function readAcknowledgement(payload: Buffer): Acknowledgement | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || !('boots' in parsed) || !Array.isArray(parsed.boots))
    return null;
  const time = 'time' in parsed && typeof parsed.time === 'string' ? Date.parse(parsed.time) : NaN;
  return { boots: (parsed.boots as readonly unknown[]).filter(isBoot), time: Number.isNaN(time) ? null : time };
}

/** Whether the platform needs a number no more: it is stored or set aside for good. */
export function isSettled({ contiguous, last = -1, missing }: BootAcknowledgement, seq: number): boolean {
  if (seq <= contiguous) return true;
  const named = missing.length < NAMED_RANGES ? last : Math.min(last, missing.at(-1)?.[1] ?? -1);
  return seq <= named && !missing.some(([from, to]) => seq >= from && seq <= to);
}

function isBoot(value: unknown): value is BootAcknowledgement {
  if (typeof value !== 'object' || value === null) return false;
  const { boot, contiguous, missing, rejected } = value as Partial<Record<keyof BootAcknowledgement, unknown>>;
  return typeof boot === 'string' && Number.isSafeInteger(contiguous) && isPairs(missing) && isPairs(rejected);
}

function isPairs(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2);
}
