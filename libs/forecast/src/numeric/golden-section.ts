const RATIO = (Math.sqrt(5) - 1) / 2;

/** The place of the least value of a function on [low, high]: a grid finds the valley, golden sections its floor. */
export function minimizeOnInterval(objective: (x: number) => number, low: number, high: number, grid = 12): number {
  let bestIndex = 0;
  let bestValue = Infinity;
  const step = (high - low) / grid;
  for (let i = 0; i <= grid; i++) {
    const value = objective(low + i * step);
    if (value < bestValue) {
      bestValue = value;
      bestIndex = i;
    }
  }
  let left = low + Math.max(bestIndex - 1, 0) * step;
  let right = low + Math.min(bestIndex + 1, grid) * step;
  let innerLeft = right - RATIO * (right - left);
  let innerRight = left + RATIO * (right - left);
  let valueLeft = objective(innerLeft);
  let valueRight = objective(innerRight);
  while (right - left > 1e-4 * (high - low)) {
    if (valueLeft <= valueRight) {
      right = innerRight;
      innerRight = innerLeft;
      valueRight = valueLeft;
      innerLeft = right - RATIO * (right - left);
      valueLeft = objective(innerLeft);
    } else {
      left = innerLeft;
      innerLeft = innerRight;
      valueLeft = valueRight;
      innerRight = left + RATIO * (right - left);
      valueRight = objective(innerRight);
    }
  }
  const x = (left + right) / 2;
  return objective(x) <= bestValue ? x : low + bestIndex * step;
}
