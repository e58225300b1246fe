import { SeededRandom } from '@coldchain/kernel';

/** What can go wrong with a fridge and its sensor. */
export const COLD_STORE_FAULTS = [
  'door-open',
  'door-ajar',
  'power-loss',
  'weak-compressor',
  'set-point',
  'sensor-drift',
  'sensor-stuck',
  'sensor-noisy',
] as const;
export type ColdStoreFault = (typeof COLD_STORE_FAULTS)[number];

/** A fridge to simulate. */
export interface ColdStore {
  /** Draws the fridge (its size, thermostat, place, use) and everything that happens to it. */
  readonly seed: string;
  readonly days: number;
  readonly intervalMs?: number;
  readonly fault?: {
    readonly kind: ColdStoreFault;
    readonly atMs: number;
    /** 1: as usual; 0.7 is milder, 1.5 stronger. */
    readonly magnitude: number;
  };
}

/** One moment as the sensor tells it, and as it is. */
export interface SimulatedReading {
  /** ms since the simulation began */
  readonly at: number;
  /** °C in steps of 0.1 */
  readonly value: number;
  readonly humidityPercent: number;
  /** °C of the air, without sensor */
  readonly airCelsius: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long a fault of each kind lasts, ms; Infinity: to the end. */
export const FAULT_DURATION_MS: Readonly<Record<ColdStoreFault, number>> = {
  'door-open': 30 * MINUTE,
  'door-ajar': 2 * HOUR,
  'power-loss': 6 * HOUR,
  'weak-compressor': Number.POSITIVE_INFINITY,
  'set-point': Number.POSITIVE_INFINITY,
  'sensor-drift': Number.POSITIVE_INFINITY,
  'sensor-stuck': 12 * HOUR,
  'sensor-noisy': 24 * HOUR,
};

/**
 * Draws in the given order, so that a fridge is the same whatever happens to it later. A seeded sfc32 (Doty-Humphrey,
 * PractRand): a simulated month takes a million draws, for which a hash each is too slow.
 */
class Draw {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: string) {
    const bytes = new SeededRandom(seed).bytes(12);
    [this.a, this.b, this.c] = [bytes.readInt32LE(0), bytes.readInt32LE(4), bytes.readInt32LE(8)];
  }

  /** In [0, 1). */
  private unit(): number {
    const drawn = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + drawn) | 0;
    return (drawn >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }
}

/**
 * A fridge minute by minute: two heat capacities (air, and walls with contents), a thermostat with hysteresis, a daily
 * course of the room, doors that are opened in working hours, defrosting, and a sensor with noise and steps of 0.1 °C.
 * A deterministic function of its argument. No model of a particular device: times and sizes are drawn widely.
 */
export function* simulateColdStore(store: ColdStore): Generator<SimulatedReading> {
  const fridge = new Draw(`cold-store ${store.seed}`);
  const events = new Draw(`cold-store events ${store.seed}`);
  const noise = new Draw(`cold-store noise ${store.seed}`);
  const intervalMs = store.intervalMs ?? 5 * MINUTE;
  const setPoint = fridge.between(4.2, 5.6);
  const hysteresis = fridge.between(0.6, 1.6);
  const room = fridge.between(20, 26);
  const roomSwing = fridge.between(0.5, 3.5);
  /** Minutes in which air alone would follow: the room, the contents; and the contents the air. */
  const [leak, coupling, contents] = [fridge.between(160, 320), fridge.between(15, 40), fridge.between(250, 700)];
  const cooling = fridge.between(0.16, 0.3);
  const openings = fridge.between(6, 25);
  const defrostEvery = fridge.between(6, 14) * HOUR;
  const sensorNoise = fridge.between(0.03, 0.12);
  const dry = fridge.between(35, 55);
  let [air, mass, humidity, weather] = [setPoint, setPoint, dry, 0];
  let [running, openUntil, opened, defrostUntil] = [false, -1, 0, -1];
  let stuck: number | null = null;
  for (let at = 0; at < store.days * DAY; at += MINUTE) {
    const fault = faultAt(store.fault, at);
    const hour = (at % DAY) / HOUR;
    weather += 0.002 * -weather + 0.03 * events.normal();
    const ambient = room + roomSwing * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + weather;
    if (hour > 7.5 && hour < 18 && events.between(0, 1) < openings / (10.5 * 60)) {
      openUntil = at + events.between(0.2, 2.5) * MINUTE;
      opened = events.between(20, 60);
    }
    if (at % defrostEvery < MINUTE) defrostUntil = at + 12 * MINUTE;
    const target = setPoint - (fault?.kind === 'set-point' ? 2 * fault.magnitude : 0);
    if (air > target + hysteresis) running = true;
    if (air < target - hysteresis) running = false;
    const on = running && at > defrostUntil && fault?.kind !== 'power-loss';
    const power = fault?.kind === 'weak-compressor' ? cooling * weakened(fault, at) : cooling;
    // Minutes in which air alone would follow the room through the door.
    let door = at < openUntil ? opened : Number.POSITIVE_INFINITY;
    if (fault?.kind === 'door-open') door = Math.min(door, 35 / fault.magnitude);
    if (fault?.kind === 'door-ajar') door = Math.min(door, 60 / fault.magnitude);
    const inflow = (ambient - air) / door;
    air += (ambient - air) / leak + inflow + (mass - air) / coupling - (on ? power : 0);
    if (at <= defrostUntil) air += 0.05;
    mass += (air - mass) / contents;
    humidity += (dry - humidity) / 25 + (door === Number.POSITIVE_INFINITY ? 0 : 60 / door) - (on ? 0.15 : 0);
    if (at % intervalMs !== 0) continue;
    const drift = fault?.kind === 'sensor-drift' ? (1.4 * fault.magnitude * (at - fault.atMs)) / DAY : 0;
    const noisy = fault?.kind === 'sensor-noisy' ? 8 * fault.magnitude : 1;
    const shown = Math.round((air + drift + sensorNoise * noisy * noise.normal()) * 10) / 10;
    stuck = fault?.kind === 'sensor-stuck' ? (stuck ?? shown) : null;
    yield {
      at,
      value: stuck ?? shown,
      humidityPercent: Math.round(Math.min(98, humidity + noise.normal() * 0.5) * 10) / 10,
      airCelsius: air,
    };
  }
}

type Fault = NonNullable<ColdStore['fault']>;

function faultAt(fault: Fault | undefined, at: number): Fault | undefined {
  if (fault === undefined || at < fault.atMs) return undefined;
  return at < fault.atMs + FAULT_DURATION_MS[fault.kind] ? fault : undefined;
}

/** What is left of the cooling: a leak takes most of it within three days. */
function weakened(fault: Fault, at: number): number {
  return Math.max(0.15, 1 - (0.3 * fault.magnitude * (at - fault.atMs)) / DAY);
}
