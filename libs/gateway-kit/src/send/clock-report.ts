import type { UplinkConnection } from './uplink.js';

/** What the platform is told about the clocks of a gateway, and which of it the platform has. */
export class ClockReport {
  /** The platform's time, and what this gateway's counting clock showed when it was heard. */
  private heard: { readonly time: number; readonly up: number } | null = null;
  /** Boots whose clock this connection was told. */
  private readonly told = new Set<string>();
  /** Boots whose word the transport confirmed. */
  private readonly confirmed = new Set<string>();
  private readonly known = new Set<string>();

  /** @param wallAtStart what the wall clock showed when the counting one was 0, for each boot of this run */
  constructor(private readonly wallAtStart: () => ReadonlyMap<string, number>) {}

  /** Whether a time of the platform was ever heard: without it no clock can be told. */
  get hasHeard(): boolean {
    return this.heard !== null;
  }

  connected(): void {
    this.told.clear();
  }

  /** An acknowledgement was heard. `time`: what it says, ms since 1970. */
  acknowledged(time: number | null, up: number): void {
    if (time !== null) this.heard = { time, up };
    const clocks = this.wallAtStart();
    for (const boot of this.confirmed) this.known.add(boot);
    // Boots begin without end where a clock counts in steps; what is told of those that are over is not.
    for (const boots of [this.told, this.confirmed, this.known]) {
      for (const boot of boots) if (!clocks.has(boot)) boots.delete(boot);
    }
  }

  /**
   * Tells the platform, once a connection for each boot, how this gateway's clock stands to the platform's own time as it
   * was heard here: that does not depend on how long this message is on its way. It goes out before the frames of the
   * boot, which are dated by it where the clock is wrong.
   */
  tell(connection: UplinkConnection | null): void {
    const { heard } = this;
    if (connection === null || heard === null) return;
    for (const [boot, wall] of this.wallAtStart()) {
      if (this.told.has(boot)) continue;
      this.told.add(boot);
      const said = { state: 'online', boot, time: wall + heard.up, up: heard.up, heard };
      // Not for who comes later: what is retained says when it was true to nobody. Lost, it is told again.
      connection.publish('status', Buffer.from(JSON.stringify(said)), false).then(
        () => this.confirmed.add(boot),
        () => undefined,
      );
    }
  }

  /** Whether the platform has the word about the clock of a boot, or there is none to be had of an earlier run's. */
  isKnown(boot: string): boolean {
    return this.known.has(boot) || !this.wallAtStart().has(boot);
  }
}
