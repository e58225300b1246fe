export { type Configuration, PROCESS_NAMES, type ProcessName, type SettingName } from './settings.js';
export {
  ConfigurationInvalid,
  type ConfigurationProblem,
  configurationTable,
  type Environment,
  loadConfiguration,
  printConfiguration,
} from './configuration.js';
export { createLogger, type Logger, type LogLevel } from './logger.js';
export { Health, type HealthAnswer, type ReadinessCheck } from './health.js';
export { type HealthServer, serveHealth } from './health-server.js';
export { type Counter, type Gauge, type Histogram, Metrics } from './metrics.js';
export { type ProcessContext, runProcess, type ServerName, STOP_DEADLINE_MS } from './run-process.js';
export { failureLine } from './failure-line.js';
export { type StopReport, StopSequence } from './stop-sequence.js';
