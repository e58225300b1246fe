export * from './descriptive.js';
export * from './distributions/gamma.js';
export * from './distributions/negative-binomial.js';
export * from './distributions/normal.js';
export * from './forecast-error.js';
export * from './numeric/decimal.js';
export * from './scores/interval-scores.js';
export * from './scores/naive-methods.js';
export * from './scores/point-scores.js';
export * from './scores/rolling-origin.js';
export {
  ANOMALY_CAUSES,
  type AnomalyCause,
  type AnomalyDetector,
  type AnomalyReading,
  type AnomalyRow,
} from './anomaly/anomaly.js';
export * from './anomaly/compressor-health.js';
export { DETECTOR_NAMES, detectorFrom, detectorState, stateLength } from './anomaly/detector-state.js';
export * from './anomaly/excursion-forecast.js';
export { stateOf, takeUp } from './anomaly/kept-state.js';
export * from './anomaly/settings.js';
export * from './anomaly/simulate-cold-store.js';
export * from './anomaly/store-foresight.js';
export * from './backtest.js';
export * from './demand/calendar.js';
export * from './demand/combination.js';
export * from './demand/demand-class.js';
export * from './demand/demand-history.js';
export * from './demand/ets.js';
export * from './demand/exponential-smoothing.js';
export * from './demand/fitted-model.js';
export * from './demand/frequency.js';
export * from './demand/group-season.js';
export * from './demand/harmonic-regression.js';
export * from './demand/intermittent.js';
export * from './demand/shrunk-season.js';
export * from './demand/sparse.js';
export * from './demand/theta.js';
export * from './forecast-demand.js';
export * from './intervals/conformal.js';
export * from './hierarchy/one-step-variance.js';
export * from './hierarchy/reconcile.js';
export * from './hierarchy/site-hierarchy.js';
export * from './inventory/expected-waste.js';
export * from './inventory/lead-time-demand.js';
export * from './inventory/order-sentence.js';
export * from './inventory/reorder-advice.js';
export * from './inventory/reorder-plan.js';
export * from './inventory/reorder.js';
export * from './inventory/stock-levels.js';
export * from './inventory/stock-position.js';
export * from './inventory/supply-impact.js';
