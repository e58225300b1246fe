/**
 * Descriptive statistics, from simple-statistics: exact up to rounding (its sums are compensated, `quantile` is type 7
 * of Hyndman and Fan, `mad` is unscaled). Its normal tables are only good to 1e-3 to 1e-6 and are not used here.
 */
export { mean, median, medianAbsoluteDeviation, quantileSorted, sampleVariance } from 'simple-statistics';
