export * from './thermal-profile.js';
export * from './reading.js';
export * from './frame.js';
export * from './excursion/sample.js';
export type {
  Excursion,
  FoldResult,
  Folded,
  LegCarry,
  LegStart,
  LegState,
  OpenBreach,
  ProfileTrack,
  Run,
} from './excursion/leg-state.js';
export * from './excursion/fold.js';
export * from './excursion/totals.js';
export * from './budget.js';
export { decodeReadings, encodeFrame } from './decode.js';
export { coseSign1, SIGNATURE_ALGORITHMS } from './cbor/cose-sign1.js';
export type { SignatureAlgorithm } from './cbor/cose-sign1.js';
export { decodeMapped } from './mapping/decode-mapped.js';
export * from './mapping/gateway-model.js';
export * from './senml/senml-encode.js';
export * from './series.js';
export { SeriesCorrupt, unpackSeries } from './series-pack.js';
export { asPrintedByDevice, DEFAULT_ACTIVATION_ENERGY, meanKineticTemperature } from './mkt.js';
export type { Dwell } from './mkt.js';
export * from './logger-files/logger-file.js';
export * from './logger-files/read-logger-file.js';
export type { MktWindow, TraceProfile } from './trace-profile.js';
export * from './profiles.js';
export { evaluateTrace } from './evaluate-trace.js';
export type { RangeReport, TraceReport } from './trace-report.js';
export { simulatedMilliCelsius } from './simulate.js';
export type { SimulatedKind, SimulatedPlace } from './simulate.js';
export * from './parse-profile.js';
