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
  const fridge = new SimulatedFridge(store.seed);
  const intervalMs = store.intervalMs ?? 5 * MINUTE;
  for (let at = 0; at < store.days * DAY; at += MINUTE) {
    const fault = faultAt(store.fault, at);
    fridge.minute(at, fault);
    if (at % intervalMs === 0) yield fridge.read(at, fault);
  }
}

/** What a fridge is like. Couplings are minutes in which air alone would follow: the room, the contents; and they it. */
function drawn(draw: Draw) {
  return {
    setPoint: draw.between(4.2, 5.6),
    hysteresis: draw.between(0.6, 1.6),
    room: draw.between(20, 26),
    roomSwing: draw.between(0.5, 3.5),
    leak: draw.between(160, 320),
    coupling: draw.between(15, 40),
    contents: draw.between(250, 700),
    cooling: draw.between(0.16, 0.3),
    openingsPerDay: draw.between(6, 25),
    defrostEvery: draw.between(6, 14) * HOUR,
    sensorNoise: draw.between(0.03, 0.12),
    dry: draw.between(35, 55),
  };
}

class SimulatedFridge {
  private readonly made: ReturnType<typeof drawn>;
  private readonly events: Draw;
  private readonly noise: Draw;
  private air: number;
  private mass: number;
  private humidity: number;
  private weather = 0;
  private running = false;
  private openUntil = -1;
  private opened = 0;
  private defrostUntil = -1;
  private stuck: number | null = null;

  constructor(seed: string) {
    this.made = drawn(new Draw(`cold-store ${seed}`));
    this.events = new Draw(`cold-store events ${seed}`);
    this.noise = new Draw(`cold-store noise ${seed}`);
    this.air = this.made.setPoint;
    this.mass = this.made.setPoint;
    this.humidity = this.made.dry;
  }

  minute(at: number, fault: Fault | undefined): void {
    const { leak, coupling, contents, dry } = this.made;
    const ambient = this.ambient(at);
    const door = this.door(at, fault);
    const power = this.power(at, fault);
    this.air += (ambient - this.air) * (1 / leak + 1 / door) + (this.mass - this.air) / coupling - power;
    if (at <= this.defrostUntil) this.air += 0.05;
    this.mass += (this.air - this.mass) / contents;
    this.humidity += (dry - this.humidity) / 25 + 60 / door - (power > 0 ? 0.15 : 0);
  }

  read(at: number, fault: Fault | undefined): SimulatedReading {
    const drift = fault?.kind === 'sensor-drift' ? (1.4 * fault.magnitude * (at - fault.atMs)) / DAY : 0;
    const noisy = fault?.kind === 'sensor-noisy' ? 8 * fault.magnitude : 1;
    const shown = Math.round((this.air + drift + this.made.sensorNoise * noisy * this.noise.normal()) * 10) / 10;
    this.stuck = fault?.kind === 'sensor-stuck' ? (this.stuck ?? shown) : null;
    return {
      at,
      value: this.stuck ?? shown,
      humidityPercent: Math.round(Math.min(98, this.humidity + this.noise.normal() * 0.5) * 10) / 10,
      airCelsius: this.air,
    };
  }

  private ambient(at: number): number {
    const hour = (at % DAY) / HOUR;
    this.weather += 0.002 * -this.weather + 0.03 * this.events.normal();
    return this.made.room + this.made.roomSwing * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + this.weather;
  }

  /** Minutes in which air alone would follow the room through the door; Infinity: closed. */
  private door(at: number, fault: Fault | undefined): number {
    const hour = (at % DAY) / HOUR;
    if (hour > 7.5 && hour < 18 && this.events.between(0, 1) < this.made.openingsPerDay / (10.5 * 60)) {
      this.openUntil = at + this.events.between(0.2, 2.5) * MINUTE;
      this.opened = this.events.between(20, 60);
    }
    const used = at < this.openUntil ? this.opened : Number.POSITIVE_INFINITY;
    if (fault?.kind === 'door-open') return Math.min(used, 35 / fault.magnitude);
    if (fault?.kind === 'door-ajar') return Math.min(used, 60 / fault.magnitude);
    return used;
  }

  /** °C that the compressor takes from the air in this minute. */
  private power(at: number, fault: Fault | undefined): number {
    const { setPoint, hysteresis, cooling, defrostEvery } = this.made;
    if (at % defrostEvery < MINUTE) this.defrostUntil = at + 12 * MINUTE;
    const target = setPoint - (fault?.kind === 'set-point' ? 2 * fault.magnitude : 0);
    if (this.air > target + hysteresis) this.running = true;
    if (this.air < target - hysteresis) this.running = false;
    if (!this.running || at <= this.defrostUntil || fault?.kind === 'power-loss') return 0;
    return fault?.kind === 'weak-compressor' ? cooling * weakened(fault, at) : cooling;
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
