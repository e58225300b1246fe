/** What a simulated place is like. The first three stay inside 2–8, below −18 and 15–25 °C; the last one fails. */
export type SimulatedKind = 'fridge-2-8' | 'freezer-20' | 'crt' | 'failing-fridge';

export interface SimulatedPlace {
  readonly kind: SimulatedKind;
  readonly seed: string;
  /** ms; the failing fridge loses its compressor `failsAfterMs` after it. */
  readonly startedAt: number;
  /** Default 10 minutes. */
  readonly failsAfterMs?: number;
}

interface Climate {
  readonly meanMilliCelsius: number;
  /** Amplitude of the compressor's cycle, of the daily wave, and of the noise. */
  readonly cycle: number;
  readonly daily: number;
  readonly noise: number;
  readonly cycleMs: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const FRIDGE: Climate = { meanMilliCelsius: 5000, cycle: 900, daily: 500, noise: 200, cycleMs: 47 * MINUTE };
const FREEZER: Climate = { meanMilliCelsius: -21_000, cycle: 1200, daily: 600, noise: 300, cycleMs: 71 * MINUTE };
const ROOM: Climate = { meanMilliCelsius: 20_500, cycle: 700, daily: 2200, noise: 300, cycleMs: 113 * MINUTE };
/** A fridge without its compressor warms towards this, by all but 1/e of the way in this time. */
const AMBIENT_MILLI_CELSIUS = 24_000;
const WARMING_MS = 40 * MINUTE;

/**
 * Temperature of a simulated place: compressor cycle, daily wave and noise of the minute, a deterministic function of time
 * and seed, so that a simulator that was restarted tells the same past again.
 */
export function simulatedMilliCelsius(place: SimulatedPlace, at: number): number {
  switch (place.kind) {
    case 'fridge-2-8':
      return Math.round(normal(FRIDGE, place.seed, at));
    case 'freezer-20':
      return Math.round(normal(FREEZER, place.seed, at));
    case 'crt':
      return Math.round(normal(ROOM, place.seed, at));
    case 'failing-fridge':
      return Math.round(failing(place, at));
  }
}

function normal(climate: Climate, seed: string, at: number): number {
  const { meanMilliCelsius, cycle, daily, noise, cycleMs } = climate;
  const turn = (periodMs: number, name: string): number =>
    Math.sin(2 * Math.PI * ((at % periodMs) / periodMs + hashUnit(`${seed}/${name}`)));
  const wobble = 2 * hashUnit(`${seed}/${Math.floor(at / MINUTE)}`) - 1;
  return meanMilliCelsius + cycle * turn(cycleMs, 'cycle') + daily * turn(DAY, 'daily') + noise * wobble;
}

function failing({ seed, startedAt, failsAfterMs = 10 * MINUTE }: SimulatedPlace, at: number): number {
  const before = normal(FRIDGE, seed, at);
  const sinceMs = at - startedAt - failsAfterMs;
  if (sinceMs <= 0) return before;
  const left = Math.exp(-sinceMs / WARMING_MS);
  return AMBIENT_MILLI_CELSIUS + (before - AMBIENT_MILLI_CELSIUS) * left;
}

/** A number in [0, 1) from a text (FNV-1a with a final mix): not for secrets. */
function hashUnit(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}
