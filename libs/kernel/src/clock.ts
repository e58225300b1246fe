/** Where the present comes from. A port, so that tests and replays decide what time it is. */
export abstract class Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  abstract now(): number;
}

/** The clock of this machine. */
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }
}

/** A clock that moves only when told: for tests and replays. */
export class ManualClock extends Clock {
  constructor(private instant: number) {
    super();
  }

  now(): number {
    return this.instant;
  }

  /** Moves the clock forward (or back, when negative) by a duration in ms. */
  advance(durationMs: number): void {
    this.instant += durationMs;
  }
}
