import type { BootAcknowledgement } from './acknowledgement.js';

/** Numbers that a gateway is asked to send again. */
export interface ResendCommand {
  readonly command: 'resend';
  readonly boot: string;
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** A hole that is this old is not on its way any more; asked for again after the same time. */
const AGAIN_MS = 10_000;
const REMEMBERED = 50_000;

/**
 * Decides which missing numbers to ask for. A hole is asked for when it was seen at an earlier acknowledgement, at least
 * ten seconds ago, and then again every ten seconds as long as the gateway is heard: what is merely late fills by itself.
 */
export class ResendRequests {
  private readonly seen = new Map<string, number>();

  /** The commands that are due for a gateway, given what it is told now. */
  due(gatewayId: number, boots: readonly BootAcknowledgement[], now: number): ResendCommand[] {
    if (this.seen.size > REMEMBERED) this.seen.clear();
    return boots.flatMap(({ boot, missing }) => {
      const name = `${gatewayId} ${boot}`;
      const [lowest] = missing;
      if (lowest === undefined) {
        this.seen.delete(name);
        return [];
      }
      const since = this.seen.get(name);
      if (since !== undefined && now - since < AGAIN_MS) return [];
      this.seen.set(name, now);
      return since === undefined ? [] : [{ command: 'resend' as const, boot, ranges: missing }];
    });
  }
}
