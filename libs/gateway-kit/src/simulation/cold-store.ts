import { type Fault, faultsAt } from './fault.js';
import { hashUnit } from './hash-unit.js';

/** What is simulated. The first three stay inside 2–8, below −18 and 15–25 °C without faults; the last one fails. */
export const COLD_STORE_KINDS = ['fridge-2-8', 'freezer-20', 'crt', 'failing-fridge'] as const;
export type ColdStoreKind = (typeof COLD_STORE_KINDS)[number];

/** A simulated cold store. */
export interface ColdStorePlan {
  readonly kind: ColdStoreKind;
  readonly seed: string;
  /** ms since 1970: the simulation runs from here. */
  readonly startedAt: number;
  readonly faults: readonly Fault[];
}

/** How a kind of store behaves; temperatures in °C, rates per minute. */
interface Physics {
  readonly setPoint: number;
  /** The thermostat switches this much above and below. */
  readonly hysteresis: number;
  readonly ambient: number;
  /** Amplitude of the ambient's day. */
  readonly ambientDay: number;
  /** Share of the difference that passes in a minute: ambient to air, load to air, air to load, air to the buffered sensor. */
  readonly leak: number;
  readonly fromLoad: number;
  readonly toLoad: number;
  readonly toSensor: number;
  /** What an open door adds to the leak. */
  readonly door: number;
  readonly cooling: number;
  /** The heater of a defrost. */
  readonly defrost: number;
}

const FRIDGE: Physics = {
  setPoint: 5,
  hysteresis: 0.8,
  ambient: 21,
  ambientDay: 2,
  leak: 1 / 120,
  fromLoad: 1 / 15,
  toLoad: 1 / 240,
  toSensor: 1 / 6,
  door: 1 / 6,
  cooling: 0.45,
  defrost: 0.1,
};
const FREEZER: Physics = { ...FRIDGE, setPoint: -22, leak: 1 / 240, door: 1 / 12, cooling: 0.5 };
const ROOM: Physics = {
  ...FRIDGE,
  setPoint: 20.5,
  hysteresis: 0.7,
  ambient: 27,
  ambientDay: 4,
  leak: 1 / 300,
  cooling: 0.12,
  defrost: 0,
};
const PHYSICS: Readonly<Record<ColdStoreKind, Physics>> = {
  'fridge-2-8': FRIDGE,
  'failing-fridge': FRIDGE,
  'freezer-20': FREEZER,
  crt: ROOM,
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP_MS = 10_000;
/** People are there from 7 to 20 o'clock; a slot of ten minutes has an opening in one of four. */
const SLOT_MS = 10 * MINUTE;
const OPENING_SHARE = 0.25;
const OPENING_HOURS = [7, 20] as const;
const DEFROST_EVERY_MS = 8 * HOUR;
const DEFROST_MS = 12 * MINUTE;

interface State {
  step: number;
  air: number;
  load: number;
  sensor: number;
  compressor: boolean;
}

/**
 * Temperature of a cold store with a thermostat and a compressor, a load that holds heat, doors that people open, defrosts
 * and a day outside, integrated in steps of ten seconds from its start on: what it says of an instant follows from the
 * plan alone, so that a simulator that was restarted tells the same past again. Ascending questions are cheap.
 */
export class ColdStore {
  private readonly physics: Physics;
  private readonly phase: number;
  private state: State;

  constructor(private readonly plan: ColdStorePlan) {
    this.physics = PHYSICS[plan.kind];
    this.phase = hashUnit(`${plan.seed}/phase`);
    this.state = this.begin();
  }

  /** Temperature at the place of the sensor, °C; before the start that of the start. */
  celsiusAt(at: number): number {
    const wanted = Math.max(0, Math.floor((at - this.plan.startedAt) / STEP_MS));
    if (wanted < this.state.step) this.state = this.begin();
    while (this.state.step < wanted) this.advance();
    return this.state.sensor;
  }

  private begin(): State {
    const { setPoint, hysteresis } = this.physics;
    const start = setPoint + hysteresis * (2 * this.phase - 1);
    return { step: 0, air: start, load: setPoint, sensor: start, compressor: this.phase > 0.5 };
  }

  private advance(): void {
    const { plan, physics, state } = this;
    const at = plan.startedAt + state.step * STEP_MS;
    const has = (kind: Fault['kind']): boolean => faultsAt(plan.faults, kind, at).length > 0;
    const defrosting = physics.defrost > 0 && (at + this.phase * DEFROST_EVERY_MS) % DEFROST_EVERY_MS < DEFROST_MS;
    const powered = !has('power-loss');
    this.switchCompressor(at);
    const strength = has('no-compressor')
      ? 0
      : faultsAt(plan.faults, 'weak-compressor', at).reduce((least, { value }) => Math.min(least, value), 1);
    const cooling = powered && state.compressor && !defrosting ? physics.cooling * strength : 0;
    const heating = powered && defrosting ? physics.defrost : 0;
    const open = has('door-open') || this.isOpen(at);
    const outside = this.ambientAt(at) - state.air;
    const minutes = STEP_MS / MINUTE;
    const flow =
      outside * (physics.leak + (open ? physics.door : 0)) +
      (state.load - state.air) * physics.fromLoad +
      heating -
      cooling;
    state.sensor += (state.air - state.sensor) * physics.toSensor * minutes;
    state.load += (state.air - state.load) * physics.toLoad * minutes;
    state.air += flow * minutes;
    state.step++;
  }

  private switchCompressor(at: number): void {
    const { plan, physics, state } = this;
    const shift = faultsAt(plan.faults, 'set-point', at).reduce((sum, { value }) => sum + value, 0);
    if (state.air > physics.setPoint + shift + physics.hysteresis) state.compressor = true;
    else if (state.air < physics.setPoint + shift - physics.hysteresis) state.compressor = false;
  }

  private ambientAt(at: number): number {
    const { ambient, ambientDay } = this.physics;
    // Warmest at 15 o'clock; no two days are the same.
    const day = Math.floor(at / DAY);
    const unrest = hashUnit(`${this.plan.seed}/day/${day}`) - 0.5;
    return ambient + unrest + ambientDay * Math.sin((2 * Math.PI * (at - 9 * HOUR)) / DAY);
  }

  private isOpen(at: number): boolean {
    const hour = Math.floor((at % DAY) / HOUR);
    if (hour < OPENING_HOURS[0] || hour >= OPENING_HOURS[1]) return false;
    const slot = Math.floor(at / SLOT_MS);
    const chance = hashUnit(`${this.plan.seed}/door/${slot}`);
    if (chance >= OPENING_SHARE) return false;
    // Where the opening lies in its slot and how long it is (10 to 40 s) comes from the same number.
    const part = chance / OPENING_SHARE;
    const begin = slot * SLOT_MS + part * (SLOT_MS - MINUTE);
    return at >= begin && at < begin + 10_000 + 30_000 * ((part * 7) % 1);
  }
}
