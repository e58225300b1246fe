import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { runTask, type SeriesResult, type SeriesTask, type SeriesWork } from './series-task.js';

const BATCH = 16;
/** Below this many series a thread would start longer than it helps. */
const WORTH_THREADS = 32;

/**
 * Results of a task for every series, in their order. With many series on one thread for each processor; at most two
 * batches for each wait, so that memory does not grow with the number of series.
 */
export async function* resultsOf(
  task: SeriesTask,
  works: Iterable<SeriesWork>,
  count: number,
): AsyncGenerator<SeriesResult, void> {
  if (count < WORTH_THREADS) {
    for (const work of works) yield runTask(task, work);
    return;
  }
  const threads = Array.from({ length: availableParallelism() }, () => new SeriesThread());
  try {
    const waiting: Promise<SeriesResult[]>[] = [];
    let next = 0;
    for (const batch of batches(works)) {
      const thread = threads[next++ % threads.length] as SeriesThread;
      waiting.push(thread.run(task, batch));
      if (waiting.length >= 2 * threads.length) yield* await (waiting.shift() as Promise<SeriesResult[]>);
    }
    for (const results of waiting) yield* await results;
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

function* batches(works: Iterable<SeriesWork>): Generator<SeriesWork[], void> {
  let batch: SeriesWork[] = [];
  for (const work of works) {
    batch.push(work);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

interface Waiter {
  readonly resolve: (results: SeriesResult[]) => void;
  readonly reject: (error: Error) => void;
}

/** One thread; it answers batches in the order in which it got them. */
class SeriesThread {
  private readonly worker = new Worker(new URL('./series-worker.js', import.meta.url));
  private readonly waiters: Waiter[] = [];

  constructor() {
    this.worker.on('message', (results: SeriesResult[]) => this.waiters.shift()?.resolve(results));
    this.worker.on('error', (error: Error) => {
      for (const { reject } of this.waiters.splice(0)) reject(error);
    });
  }

  run(task: SeriesTask, works: readonly SeriesWork[]): Promise<SeriesResult[]> {
    const answer = new Promise<SeriesResult[]>((resolve, reject) => this.waiters.push({ resolve, reject }));
    // Handled here as well, so that a failure while another batch is awaited does not end the process unseen.
    answer.catch(() => undefined);
    this.worker.postMessage({ task, works });
    return answer;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
