/** A distribution by both of its functions. */
export interface Distribution {
  /** P(X ≤ x) */
  readonly cdf: (x: number) => number;
  /** The least x with P(X ≤ x) ≥ p. */
  readonly quantile: (p: number) => number;
}

/** Halvings after which no digit of a double is left. */
const HALVINGS = 60;

/**
 * Mean of some distributions (the linear opinion pool of Stone, Annals of Mathematical Statistics 32, 1961). Its quantile is
 * the least x whose mean probability reaches p, and lies between the least and the greatest of theirs. Where counts are few,
 * a mean of quantiles lies between two counts and promises a probability that neither has; this one promises what it says.
 * @param whole only whole numbers can be
 */
export function pooled(distributions: readonly Distribution[], whole: boolean): Distribution {
  const cdf = (x: number): number => distributions.reduce((sum, one) => sum + one.cdf(x), 0) / distributions.length;
  const quantile = (p: number): number => {
    const quantiles = distributions.map((one) => one.quantile(p));
    let high = Math.max(...quantiles);
    let low = Math.min(...quantiles);
    if (cdf(low) >= p) return low;
    for (let step = 0; step < HALVINGS; step++) {
      const middle = whole ? Math.floor((low + high) / 2) : (low + high) / 2;
      if (middle <= low || middle >= high) break;
      if (cdf(middle) >= p) high = middle;
      else low = middle;
    }
    return high;
  };
  return { cdf, quantile };
}
