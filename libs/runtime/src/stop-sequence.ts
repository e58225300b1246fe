/** One thing to end. */
interface StopStep {
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

/** What happened at the end: steps that failed or were still running at the deadline. */
export interface StopReport {
  readonly failed: readonly { readonly name: string; readonly error: unknown }[];
  readonly unfinished: readonly string[];
}

/**
 * Ends what was started, last first, one after the other: who uses a thing is stopped before the thing. A step that
 * fails does not keep the next from running; the deadline holds for all steps together.
 */
export class StopSequence {
  private readonly steps: StopStep[] = [];
  private running: Promise<StopReport> | undefined;

  /** Registers how to end what was just started. */
  add(name: string, stop: () => Promise<void> | void): void {
    this.steps.push({ name, stop });
  }

  /** Runs all steps once, however often it is called. */
  run(deadlineMs: number): Promise<StopReport> {
    this.running ??= this.unwind(deadlineMs);
    return this.running;
  }

  private async unwind(deadlineMs: number): Promise<StopReport> {
    const failed: { name: string; error: unknown }[] = [];
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    const remaining = [...this.steps].reverse();
    while (remaining.length > 0) {
      const step = remaining[0] as StopStep;
      const ended = Promise.resolve()
        .then(() => step.stop())
        .catch((error: unknown) => {
          failed.push({ name: step.name, error });
        });
      if ((await Promise.race([ended, deadline])) === 'late') break;
      remaining.shift();
    }
    clearTimeout(timer);
    return { failed, unfinished: remaining.map((step) => step.name) };
  }
}
