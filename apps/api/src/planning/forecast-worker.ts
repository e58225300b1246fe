import { parentPort } from 'node:worker_threads';
import { baseOfSeries, forecastSeries } from './forecast-series.js';
import type { ThreadTask } from './forecast-threads.js';

parentPort?.on('message', ({ make, inputs }: ThreadTask) => {
  parentPort?.postMessage(make === 'base' ? inputs.map(baseOfSeries) : inputs.map(forecastSeries));
});
