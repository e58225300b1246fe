import { storableJson } from '../storable.js';

/** What a gateway says of itself on `status`: known members, and everything else as it came. */
export interface GatewayStatus {
  readonly state: 'online' | 'offline' | null;
  /** Gateway's clock, ms since 1970. */
  readonly time: number | null;
  /** Of the gateway, per cent. */
  readonly batteryPercent: number | null;
  /** How the clock of a boot stands to the platform's; null where it does not say. */
  readonly bootClock: ToldBootClock | null;
  /** The object as text for a `jsonb` column. */
  readonly text: string;
}

/**
 * What a gateway's clocks showed: its wall clock and its counting clock at one moment, and a time that the platform said in
 * an acknowledgement with what the counting clock showed when it was heard. All ms.
 */
export interface ToldBootClock {
  readonly boot: string;
  readonly time: number;
  readonly up: number;
  readonly heard: { readonly time: number; readonly up: number };
}

/**
 * Reads `{"state":"online","time":ms,"battery":percent,"batteries":{"logger":percent},"boot":"b","up":ms,
 * "heard":{"time":ms,"up":ms}}`; null for what is no object.
 */
export function readStatus(payload: Buffer): GatewayStatus | null {
  let parsed: unknown;
  let text: string;
  try {
    parsed = JSON.parse(payload.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    text = storableJson(parsed);
  } catch {
    // No JSON, or so deep that it cannot be written again.
    return null;
  }
  const { state, time, battery } = parsed as Readonly<Record<'state' | 'time' | 'battery', unknown>>;
  return {
    state: state === 'online' || state === 'offline' ? state : null,
    time: Number.isSafeInteger(time) ? (time as number) : null,
    batteryPercent: typeof battery === 'number' && battery >= 0 && battery <= 100 ? battery : null,
    bootClock: bootClockOf(parsed),
    text,
  };
}

function bootClockOf(status: object): ToldBootClock | null {
  const { boot, time, up, heard } = status as Readonly<Record<'boot' | 'time' | 'up' | 'heard', unknown>>;
  if (typeof heard !== 'object' || heard === null || typeof boot !== 'string') return null;
  const { time: heardTime, up: heardUp } = heard as Readonly<Record<'time' | 'up', unknown>>;
  if (!BOOT.test(boot) || !isInteger(time) || !isInteger(up) || !isInteger(heardTime) || !isInteger(heardUp))
    return null;
  return { boot, time, up, heard: { time: heardTime, up: heardUp } };
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);
/** As frames may name it. */
const BOOT = /^[!#-[\]-~]{1,64}$/;
