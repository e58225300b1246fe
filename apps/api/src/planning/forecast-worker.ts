import { parentPort } from 'node:worker_threads';
import { forecastSeries } from './forecast-series.js';

parentPort?.on('message', (inputs: readonly string[]) => {
  parentPort?.postMessage(inputs.map(forecastSeries));
});
