/** Null when ready, else the reason as a constant word or sentence: it is shown to anyone who asks `/readyz`. */
export type ReadinessCheck = () => Promise<string | null> | string | null;

/** Answer of a probe. */
export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly body: {
    readonly status: 'ok' | 'unavailable';
    readonly checks: Readonly<Record<string, string>>;
    /** What needs a person although the process is ready; absent where there is nothing. */
    readonly warnings?: Readonly<Record<string, string>>;
  };
}

const CHECK_TIMEOUT_MS = 2_000;

/**
 * Whether a process lives (it answers) and whether it is ready (started, not stopping, and every named check agrees).
 * An instance that is not ready should get no new work; one that does not live should be replaced.
 */
export class Health {
  private readonly checks = new Map<string, ReadinessCheck>();
  private readonly warnings = new Map<string, ReadinessCheck>();
  private phase: 'starting' | 'started' | 'stopping' = 'starting';

  /** Adds a readiness check; it is asked at every probe and has 2 s to answer. */
  addCheck(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** Adds something that is told and changes nothing about readiness: a person is needed, the process goes on. */
  addWarning(name: string, check: ReadinessCheck): void {
    this.warnings.set(name, check);
  }

  /** From now on the checks decide; `runProcess` calls it when the start has ended. */
  markStarted(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  /** From now on not ready, so that balancers turn away while work ends. */
  markStopping(): void {
    this.phase = 'stopping';
  }

  /** `/livez`: that this returns at all is the answer. */
  live(): HealthAnswer {
    return { status: 200, body: { status: 'ok', checks: {} } };
  }

  /** `/readyz`: 200 with every check `ok`, else 503 with the reasons. */
  async ready(): Promise<HealthAnswer> {
    const [answers, warned] = await Promise.all([judgements(this.checks), judgements(this.warnings)]);
    const checks = Object.fromEntries([
      ['process', this.phase === 'started' ? 'ok' : this.phase] as const,
      ...answers.map(([name, answer]) => [name, answer ?? 'ok'] as const),
    ]);
    const raised = warned.flatMap(([name, answer]) => (answer === null ? [] : [[name, answer] as const]));
    const warnings = raised.length === 0 ? {} : { warnings: Object.fromEntries(raised) };
    const ready = Object.values(checks).every((answer) => answer === 'ok');
    return ready
      ? { status: 200, body: { status: 'ok', checks, ...warnings } }
      : { status: 503, body: { status: 'unavailable', checks, ...warnings } };
  }
}

const judgements = (checks: ReadonlyMap<string, ReadinessCheck>): Promise<(readonly [string, string | null])[]> =>
  Promise.all([...checks].map(async ([name, check]) => [name, await judged(check)] as const));

async function judged(check: ReadinessCheck): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('check timed out'), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([Promise.resolve(check()), late]);
  } catch {
    // The reason may carry an address or a user name; who probes learns only that the check failed.
    return 'check failed';
  } finally {
    clearTimeout(timer);
  }
}
