import type { ThermalProfile } from './thermal-profile.js';

/** A limit on the mean kinetic temperature over every window of a length. */
export interface MktWindow {
  readonly windowMs: number;
  readonly limitMilliCelsius: number;
}

/** What a trace (a logger export on its own) is judged by. */
export interface TraceProfile {
  readonly name: string;
  readonly thermal: ThermalProfile;
  /** Ranges (by name) whose allowed time must pass in one piece, as some devices alarm; all others add up. */
  readonly consecutiveRanges: readonly string[];
  readonly mkt: MktWindow | null;
  /** kJ/mol; null: the one that the file names, else 83.144. */
  readonly activationEnergy: number | null;
}
