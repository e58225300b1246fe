import { sleep } from '@coldchain/kernel';
import type { Database } from '@coldchain/database';
import { Consignment, preparations } from '../ledger/custody-acts.js';
import { insertActs, type QueuedAct } from '../ledger/hold-latency.js';

const UNITS = 256;
const TICK_MS = 20;
const PREPARED_BY = 'background';

/** Acts of other goods that keep the ledger busy. */
export class Background {
  private readonly consignments = Array.from({ length: UNITS }, (_, index) => new Consignment(`back ${index}`, 1));
  private moved = 0;

  constructor(private readonly database: Database) {}

  /**
   * Puts the goods on the ledger, all at once.
   * @returns acts per second that the ledger took
   */
  async prepare(settled: () => Promise<void>): Promise<number> {
    const first = preparations().filter(({ command }) => command !== 'registerParty');
    await insertActs(
      this.database,
      first.map((act): QueuedAct => ({ act, unit: PREPARED_BY, priority: 1 })),
    );
    await settled();
    const packing = this.consignments.flatMap((consignment) =>
      consignment.packing().map((act): QueuedAct => ({ act, unit: consignment.units[0] ?? '', priority: 1 })),
    );
    const began = performance.now();
    await insertActs(this.database, packing);
    await settled();
    return (packing.length * 1000) / (performance.now() - began);
  }

  /** Moves goods at a rate until it is stopped, however far the ledger is. */
  async drive(perSecond: number, signal: AbortSignal): Promise<void> {
    const began = performance.now();
    const before = this.moved;
    while (!signal.aborted) {
      const due = before + Math.floor(((performance.now() - began) * perSecond) / 1000);
      const acts: QueuedAct[] = [];
      for (; this.moved < due; this.moved++) {
        const consignment = this.consignments[this.moved % UNITS];
        if (consignment === undefined) throw new Error('no goods');
        acts.push({ act: consignment.step(), unit: consignment.units[0] ?? '', priority: 1 });
      }
      if (acts.length > 0) await insertActs(this.database, acts);
      await sleep(TICK_MS, signal);
    }
  }

  /** Acts of the background that the ledger has taken. */
  async taken(): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM outbox WHERE state = 'committed' AND event_id IS NULL`,
    );
    return row?.count ?? 0;
  }
}
