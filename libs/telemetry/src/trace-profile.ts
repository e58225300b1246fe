import type { ThermalProfile } from './thermal-profile.js';

/** What a trace (a logger export on its own) is judged by: a product profile and what people call it. */
export interface TraceProfile {
  readonly name: string;
  readonly thermal: ThermalProfile;
}
