import { unreachable } from '@coldchain/kernel';
import type { Entry } from '../accept/entry.js';
import { type BootClocks, bootName } from './boot-clocks.js';

/** From here on a clock counts as wrong, as in `redateFrame`. */
const WRONG_MS = 2 * 60_000;
/** A boot waits so often within {@link PERIOD_MS}: a gateway that never tells its clock is held up for little of its time. */
const MOST_WAITS = 3;
const PERIOD_MS = 60_000;
const REMEMBERED = 10_000;

/**
 * Whether a frame is judged now or a moment later. A status that tells the clock of a boot can be on its way through
 * another process of the share group, which took it before this one took the frame: a frame that is set aside too early
 * is lost, because its gateway forgets it.
 */
export class ClockPatience {
  private readonly waits = new Map<string, { readonly since: number; count: number }>();

  constructor(private readonly clocks: BootClocks) {}

  /** Whether a message, as read, should be read again later; each time counts. */
  shouldWait(entry: Entry, now: number): boolean {
    const boot = this.doubtfulBoot(entry, now);
    if (boot === null) return false;
    const key = { gatewayId: entry.message.gateway.id, boot };
    if (this.clocks.knows(key)) return false;
    const name = bootName(key);
    const earlier = this.waits.get(name);
    if (earlier === undefined || now - earlier.since >= PERIOD_MS) {
      if (this.waits.size >= REMEMBERED) this.waits.clear();
      this.waits.set(name, { since: now, count: 1 });
      return true;
    }
    return ++earlier.count <= MOST_WAITS;
  }

  /** The boot of a frame whose times may be those of a wrong clock; null: of any other message. */
  private doubtfulBoot(entry: Entry, now: number): string | null {
    switch (entry.kind) {
      case 'frame': {
        const { frame, sequenced, redated, boot } = entry;
        const isCounted = sequenced && redated === null && frame.upMs !== null;
        return isCounted && Math.abs(frame.lastAt - now) > WRONG_MS ? boot : null;
      }
      case 'dead-letter':
        return entry.code === 'time-in-future' || entry.code === 'time-too-old' ? entry.boot : null;
      case 'status':
        return null;
      default:
        return unreachable(entry);
    }
  }
}
