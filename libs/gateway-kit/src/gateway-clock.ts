import { readFileSync } from 'node:fs';
import { Clock } from '@coldchain/kernel';

/** The two clocks of a gateway: one that may be wrong, and one that only counts. */
export abstract class GatewayClock extends Clock {
  /**
   * Names the time over which {@link up} counts without a break: where a later run of the gateway finds the same name, its
   * counting clock is still the same one. Null: another run has another.
   */
  abstract readonly span: string | null;
  /** ms since a moment that stays; never set, never runs back. */
  abstract up(): number;
}

/** Linux names each start of the machine (proc_sys_kernel(5), `random/boot_id`). */
const MACHINE_START = '/proc/sys/kernel/random/boot_id';

/** The clocks of this machine; the counting one goes on when the process is started again. */
export class SystemGatewayClock extends GatewayClock {
  readonly span = machineStart();

  now(): number {
    return Date.now();
  }

  up(): number {
    return Math.round(Number(process.hrtime.bigint()) / 1e6);
  }
}

function machineStart(): string | null {
  try {
    return readFileSync(MACHINE_START, 'utf8').trim();
  } catch {
    return null;
  }
}
