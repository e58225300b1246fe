import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type { Counter, Gauge, Histogram } from 'prom-client';

/** Every own metric carries it, so that a dashboard finds them together. */
type MetricName = `cct_${string}`;

/**
 * The metrics of one process in the text format of Prometheus. Names start with `cct_` and end in their unit or
 * `_total`; a label never holds an identifier of a unit, pack or person (unbounded, and not for everyone's eyes).
 */
export class Metrics {
  private readonly registry = new Registry();

  constructor(processName: string) {
    this.registry.setDefaultLabels({ process: processName });
  }

  /** Memory, CPU and event-loop figures of the process itself. */
  collectProcessFigures(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A sum that only grows. */
  counter<Label extends string = never>(name: MetricName, help: string, labels: readonly Label[] = []): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labels], registers: [this.registry] });
  }

  /** A level; with `read` it is asked at each scrape. */
  gauge<Label extends string = never>(
    name: MetricName,
    help: string,
    labels: readonly Label[] = [],
    read?: (gauge: Gauge<Label>) => void | Promise<void>,
  ): Gauge<Label> {
    const gauge: Gauge<Label> = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.registry],
      ...(read === undefined ? {} : { collect: () => read(gauge) }),
    });
    return gauge;
  }

  /** A distribution over fixed upper bounds (ascending, in the metric's unit). */
  histogram<Label extends string = never>(
    name: MetricName,
    help: string,
    upperBounds: readonly number[],
    labels: readonly Label[] = [],
  ): Histogram<Label> {
    return new Histogram({
      name,
      help,
      labelNames: [...labels],
      buckets: [...upperBounds],
      registers: [this.registry],
    });
  }

  /** Media type of {@link text}. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** All metrics at this moment. */
  text(): Promise<string> {
    return this.registry.metrics();
  }
}
