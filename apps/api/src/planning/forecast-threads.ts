import { Worker } from 'node:worker_threads';
import type { BaseOutcome, SeriesOutcome } from './forecast-series.js';

/** What a thread makes of texts of inputs: documents, or what the series' own models say. */
export interface ThreadTask {
  readonly make: 'document' | 'base';
  readonly inputs: readonly string[];
}

interface Waiter {
  readonly resolve: (outcomes: never[]) => void;
  readonly reject: (error: Error) => void;
}

/** Threads that fit models beside the process that answers requests. They hold nothing between two batches. */
export class ForecastThreads {
  private readonly threads: ForecastThread[];

  constructor(count: number) {
    this.threads = Array.from({ length: count }, () => new ForecastThread());
  }

  /** Documents in the order of the inputs. @throws when a thread dies */
  documents(inputs: readonly string[]): Promise<SeriesOutcome[]> {
    return this.run<SeriesOutcome>('document', inputs);
  }

  /** Forecasts of the series' own models, in the order of the inputs. @throws when a thread dies */
  bases(inputs: readonly string[]): Promise<BaseOutcome[]> {
    return this.run<BaseOutcome>('base', inputs);
  }

  private async run<Outcome>(make: ThreadTask['make'], inputs: readonly string[]): Promise<Outcome[]> {
    const size = Math.ceil(inputs.length / this.threads.length);
    const parts = this.threads.map((thread, at) =>
      thread.run<Outcome>({ make, inputs: inputs.slice(at * size, (at + 1) * size) }),
    );
    return (await Promise.all(parts)).flat();
  }

  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }
}

class ForecastThread {
  private readonly worker = new Worker(new URL('./forecast-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 128 },
  });
  private waiters: Waiter[] = [];
  private failure: Error | null = null;

  constructor() {
    this.worker.on('message', (outcomes: never[]) => this.waiters.shift()?.resolve(outcomes));
    this.worker.on('error', (error: Error) => this.fail(error));
    this.worker.on('exit', () => this.fail(new Error('a forecast thread ended')));
  }

  run<Outcome>(task: ThreadTask): Promise<Outcome[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (task.inputs.length === 0) return Promise.resolve([]);
    return new Promise<Outcome[]>((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.worker.postMessage(task);
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    const { waiters } = this;
    this.waiters = [];
    for (const { reject } of waiters) reject(error);
  }
}
