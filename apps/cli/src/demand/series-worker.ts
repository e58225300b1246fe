import { parentPort } from 'node:worker_threads';
import { runTask, type SeriesTask, type SeriesWork } from './series-task.js';

/** A batch of series for a thread. */
export interface WorkerBatch {
  readonly task: SeriesTask;
  readonly works: readonly SeriesWork[];
}

parentPort?.on('message', ({ task, works }: WorkerBatch) => {
  parentPort?.postMessage(works.map((work) => runTask(task, work)));
});
