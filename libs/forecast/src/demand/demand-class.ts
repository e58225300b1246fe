import { at } from '../numeric/at.js';
import { square } from '../numeric/elementary.js';

/** Kind of demand: cuts at a mean interval of 1.32 periods and a squared coefficient of variation of sizes of 0.49. */
export type DemandClass = 'none' | 'smooth' | 'erratic' | 'intermittent' | 'lumpy';

/** How a series was classified. */
export interface DemandProfile {
  readonly kind: DemandClass;
  /** Average interval between demands, in periods; Infinity without any. */
  readonly interval: number;
  /** Squared coefficient of variation of the demands that are not zero. */
  readonly variation: number;
}

/** Source: Syntetos, Boylan, Croston, JORS 56 (2005) 495. */
export function classifyDemand(values: ArrayLike<number>): DemandProfile {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    const value = at(values, t);
    if (value === 0) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  if (count === 0) return { kind: 'none', interval: Infinity, variation: 0 };
  const mean = sum / count;
  const variation =
    count < 2 || mean === 0 ? 0 : Math.max((squares - count * mean * mean) / (count - 1), 0) / square(mean);
  const interval = values.length / count;
  const rare = interval > 1.32;
  const varied = variation > 0.49;
  return { kind: rare ? (varied ? 'lumpy' : 'intermittent') : varied ? 'erratic' : 'smooth', interval, variation };
}
