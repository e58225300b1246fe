export * from './thermal-profile.js';
export * from './reading.js';
export * from './frame.js';
export * from './excursion/sample.js';
export * from './excursion/doubted.js';
export * from './excursion/spans.js';
export * from './excursion/sources.js';
export { LOGGERS_DISAGREE } from './excursion/leg-state.js';
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
export { decodePacked, decodeReadings, encodeFrame, packFrame } from './decode.js';
export * from './frame-commitment.js';
export { redateFrame } from './redate.js';
export { stepAfter } from './refusal-steps.js';
export type { SetAsideCode } from './refusal-steps.js';
export type { BootClock } from './redate.js';
export * from './frame-proof.js';
export { coseSign1, SIGNATURE_ALGORITHMS } from './cbor/cose-sign1.js';
export type { SignatureAlgorithm } from './cbor/cose-sign1.js';
export { decodeMapped } from './mapping/decode-mapped.js';
export * from './mapping/gateway-model.js';
export * from './senml/senml-encode.js';
export * from './series.js';
export { SeriesCorrupt } from './series-corrupt.js';
export { unpackSeries } from './series-pack.js';
export type { Series } from './series-pack.js';
export * from './packed-frame.js';
export { receivedBytes, receivedOrDamagedBytes } from './kept-frame.js';
export { asPrintedByDevice, DEFAULT_ACTIVATION_ENERGY, meanKineticTemperature } from './mkt.js';
export type { TimeAtTemperature } from './mkt.js';
export type { Dwell, DwellHistogram } from './excursion/dwell.js';
export * from './logger-files/logger-file.js';
export * from './logger-files/read-logger-file.js';
export { parseInstant } from './logger-files/timestamp.js';
export type { TraceProfile } from './trace-profile.js';
export { activationEnergyOf, mktOfTrace, MktStream } from './mkt-window.js';
export type { MktReason, MktResult, WarmestWindow } from './mkt-window.js';
export * from './profiles.js';
export { evaluateTrace } from './evaluate-trace.js';
export type { RangeReport, TraceReport } from './trace-report.js';
export * from './parse-profile.js';
export * from './what-if.js';
export * from './attribution.js';
export * from './budget-forecast.js';
export * from './excursion/checkpoints.js';
export * from './logger-files/device-check.js';
export * from './logger-files/known-readings.js';
export * from './alarms/alarm.js';
export * from './alarms/alarm-changes.js';
export * from './cases/deviation-case.js';
export * from './cases/case-news.js';
export * from './cases/custody-evidence.js';
export * from './cases/triage.js';
