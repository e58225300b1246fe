import { at } from '../numeric/at.js';
import type { Distribution } from './pooled-distribution.js';

/** Nearer to 0 or 1 no digit of a distribution function is left. */
const NEAREST = 1e-12;

/**
 * What the next of some sums will be. That it is above the greatest of `count` independent ones has a probability of
 * 1/(count + 1), whatever they are drawn from, as each of them is the greatest as probably as any other (Vovk, Gammerman,
 * Shafer, Algorithmic Learning in a Random World, 2005, §2.2); their shares say that it never is. Beyond the greatest one
 * `tail` goes on.
 * @param sums ascending; as they may overlap, more than independent ones
 */
export function nextOf(sums: Float64Array, count: number, tail: Distribution): Distribution {
  const greatest = at(sums, sums.length - 1);
  const share = count / (count + 1);
  const below = tail.cdf(greatest);
  // Where the tail ends before it, there is nothing to go on with.
  const beyond = (x: number): number => (below < 1 - NEAREST ? (tail.cdf(x) - below) / (1 - below) : 1);
  return {
    cdf: (x) => (x > greatest ? share + (1 - share) * beyond(x) : (share * upTo(sums, x)) / sums.length),
    quantile: (p) => {
      if (p <= share) return at(sums, Math.min(Math.max(Math.ceil((p / share) * sums.length) - 1, 0), sums.length - 1));
      if (below >= 1 - NEAREST) return greatest;
      const rest = (p - share) / (1 - share);
      return Math.max(greatest, tail.quantile(inside(below + rest * (1 - below))));
    },
  };
}

/** How many of ascending values are not above x. */
function upTo(sorted: Float64Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Probability that the next one has what a share of `count` independent ones had: (share · count + 1) / (count + 2), the
 * rule of succession (Laplace 1774; the mean of a beta distribution that began as an even one).
 */
export function succession(share: number, count: number): number {
  return (share * count + 1) / (count + 2);
}

/** The same distribution but for the probability of nothing; what is above keeps its proportions. */
export function withNone({ cdf, quantile }: Distribution, none: number): Distribution {
  const before = cdf(0);
  if (!(before < 1)) return { cdf, quantile };
  const scale = (1 - none) / (1 - before);
  return {
    cdf: (x) => (x < 0 ? 0 : 1 - (1 - cdf(x)) * scale),
    quantile: (p) => (p <= none ? 0 : quantile(inside(1 - (1 - p) / scale))),
  };
}

const inside = (p: number): number => Math.min(Math.max(p, NEAREST), 1 - NEAREST);
