import { DomainError } from '@coldchain/kernel';

/** What can go wrong in a simulation, with what its value means. */
export const FAULT_KINDS = {
  'door-open': 'the door stays open',
  'power-loss': 'no power',
  'weak-compressor': 'share of its strength that the compressor keeps (default 0.3)',
  'no-compressor': 'the compressor stands still',
  'set-point': 'degrees by which the thermostat is set wrong (default -2)',
  'sensor-drift': 'degrees a day that the sensor goes astray (default 0.5)',
  'sensor-stuck': 'the sensor says the same for ever',
  'sensor-noisy': 'standard deviation of what the sensor adds, in degrees (default 0.8)',
  'clock-offset': 'the clock is wrong by this time, as -2h (needed)',
  'clock-year': 'the clock begins with the first second of this year (default 1970)',
  duplicates: 'share of frames that are sent twice (default 0.1)',
  reordered: 'share of frames that overtake others (default 0.2)',
  late: 'share of readings that the gateway hears up to two hours late (default 0.1)',
  offline: 'no connection to the platform',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

/** A fault from an instant on, for a time or for good; times are true ones, ms since 1970. */
export interface Fault {
  readonly kind: FaultKind;
  readonly from: number;
  /** Infinity: for good. */
  readonly until: number;
  readonly value: number;
}

/** A fault that cannot be understood. */
export class FaultInvalid extends DomainError<'fault-invalid'> {
  readonly code = 'fault-invalid';
}

const DEFAULTS: Readonly<Partial<Record<FaultKind, number>>> = {
  'weak-compressor': 0.3,
  'set-point': -2,
  'sensor-drift': 0.5,
  'sensor-noisy': 0.8,
  'clock-year': 1970,
  duplicates: 0.1,
  reordered: 0.2,
  late: 0.1,
};
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads `KIND[@TIME[/DURATION]][=VALUE]`: TIME as an ISO instant or as a time after the begin (`+2h`), DURATION as `30m`.
 * @throws FaultInvalid
 */
export function parseFault(text: string, startedAt: number): Fault {
  const [, name = '', time, duration, value] = /^([a-z-]+)(?:@([^/=]+)(?:\/([^=]+))?)?(?:=(.+))?$/.exec(text) ?? [];
  if (!isFaultKind(name))
    throw invalid(text, `there is no fault '${name}', only ${Object.keys(FAULT_KINDS).join(', ')}`);
  const from = time === undefined ? startedAt : instantOf(text, time, startedAt);
  const until = duration === undefined ? Infinity : from + durationOf(text, duration);
  return { kind: name, from, until, value: valueOf(text, name, value) };
}

/** The faults of a kind that hold at an instant. */
export function faultsAt(faults: readonly Fault[], kind: FaultKind, at: number): readonly Fault[] {
  return faults.filter((fault) => fault.kind === kind && fault.from <= at && at < fault.until);
}

function isFaultKind(name: string): name is FaultKind {
  return Object.hasOwn(FAULT_KINDS, name);
}

function instantOf(text: string, time: string, startedAt: number): number {
  if (time.startsWith('+')) return startedAt + durationOf(text, time.slice(1));
  const at = /^\d{4}-\d\d-\d\d(T.*)?$/.test(time) ? Date.parse(time) : NaN;
  if (Number.isNaN(at))
    throw invalid(text, `'${time}' is neither a time such as 2026-11-21T08:00:00Z nor one like +2h`);
  return at;
}

function durationOf(text: string, duration: string): number {
  const [, sign, count, unit = ''] = /^([+-]?)(\d{1,9}(?:\.\d+)?)([smhd])$/.exec(duration) ?? [];
  if (count === undefined) throw invalid(text, `'${duration}' is no duration such as 90s, 10m, 2h or 3d`);
  return Number(count) * (UNITS_MS[unit] ?? 0) * (sign === '-' ? -1 : 1);
}

function valueOf(text: string, kind: FaultKind, value: string | undefined): number {
  if (kind === 'clock-offset') return durationOf(text, value ?? '');
  const number = value === undefined ? (DEFAULTS[kind] ?? 0) : /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(number)) throw invalid(text, `'${value}' is no number`);
  return number;
}

function invalid(text: string, reason: string): FaultInvalid {
  return new FaultInvalid(`fault '${text}': ${reason}`, { fault: text });
}
