import { at } from './at.js';

/** What a minimisation ended with. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly evaluations: number;
}

/** When to stop, and how far the first simplex reaches in each coordinate. */
export interface NelderMeadOptions {
  readonly step: ArrayLike<number>;
  /** Relative spread of the values at the corners at which it ends. */
  readonly tolerance: number;
  readonly maximumEvaluations: number;
}

/**
 * Minimises without derivatives (Nelder and Mead, Computer Journal 7 (1965) 308; coefficients 1, 2, ½, ½). `objective`
 * answers Infinity outside its admissible region. Deterministic: ties keep the older corner.
 */
export function minimize(
  objective: (point: Float64Array) => number,
  start: ArrayLike<number>,
  options: NelderMeadOptions,
): Minimum {
  const size = start.length;
  const corners: Float64Array[] = [];
  for (let corner = 0; corner <= size; corner++) {
    const point = Float64Array.from(start);
    if (corner > 0) point[corner - 1] = at(point, corner - 1) + at(options.step, corner - 1);
    corners.push(point);
  }
  const values = Float64Array.from(corners, (point) => objective(point));
  let evaluations = size + 1;
  const centre = new Float64Array(size);
  const trial = new Float64Array(size);
  const second = new Float64Array(size);

  const place = (target: Float64Array, worst: Float64Array, factor: number): number => {
    for (let i = 0; i < size; i++) target[i] = at(centre, i) + factor * (at(worst, i) - at(centre, i));
    evaluations++;
    return objective(target);
  };

  for (;;) {
    const { best, worst, next } = extremes(values);
    const spread = Math.abs(at(values, worst) - at(values, best));
    const scale = Math.abs(at(values, worst)) + Math.abs(at(values, best)) + 1e-12;
    if (!(spread > options.tolerance * scale) || evaluations >= options.maximumEvaluations) {
      return { point: corners[best] as Float64Array, value: at(values, best), evaluations };
    }
    centroid(corners, worst, centre);
    const worstPoint = corners[worst] as Float64Array;
    const reflected = place(trial, worstPoint, -1);
    let accepted: Float64Array | null = null;
    let acceptedValue = reflected;
    if (reflected < at(values, best)) {
      const expanded = place(second, worstPoint, -2);
      accepted = expanded < reflected ? second : trial;
      acceptedValue = Math.min(expanded, reflected);
    } else if (reflected < at(values, next)) {
      accepted = trial;
    } else {
      const inside = reflected >= at(values, worst);
      const contracted = place(second, worstPoint, inside ? 0.5 : -0.5);
      if (contracted < Math.min(reflected, at(values, worst))) {
        accepted = second;
        acceptedValue = contracted;
      }
    }
    if (accepted === null) {
      shrink(corners, values, best, objective);
      evaluations += size;
    } else {
      worstPoint.set(accepted);
      values[worst] = acceptedValue;
    }
  }
}

function extremes(values: Float64Array): { best: number; worst: number; next: number } {
  let best = 0;
  let worst = 0;
  for (let i = 1; i < values.length; i++) {
    if (at(values, i) < at(values, best)) best = i;
    if (at(values, i) > at(values, worst)) worst = i;
  }
  let next = best;
  for (let i = 0; i < values.length; i++) if (i !== worst && at(values, i) > at(values, next)) next = i;
  return { best, worst, next };
}

function centroid(corners: readonly Float64Array[], without: number, centre: Float64Array): void {
  centre.fill(0);
  corners.forEach((point, corner) => {
    if (corner !== without) for (let i = 0; i < centre.length; i++) centre[i] = at(centre, i) + at(point, i);
  });
  for (let i = 0; i < centre.length; i++) centre[i] = at(centre, i) / centre.length;
}

function shrink(
  corners: readonly Float64Array[],
  values: Float64Array,
  best: number,
  objective: (point: Float64Array) => number,
): void {
  const anchor = corners[best] as Float64Array;
  corners.forEach((point, corner) => {
    if (corner === best) return;
    for (let i = 0; i < point.length; i++) point[i] = at(anchor, i) + 0.5 * (at(point, i) - at(anchor, i));
    values[corner] = objective(point);
  });
}
