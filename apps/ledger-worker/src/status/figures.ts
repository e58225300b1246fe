import type { Clock } from '@coldchain/kernel';
import type { Health, Metrics } from '@coldchain/runtime';
import type { Pool } from 'pg';
import type { LedgerWorker } from '../worker.js';
import { databaseStatus } from './database-status.js';

/**
 * Figures for `/metrics`, and the warnings of `/readyz`: rows that are parked, copies of the ledger that differ or are
 * silent. A warning says that a person is needed; the process goes on with everything else, so it stays ready.
 */
export function registerFigures(
  health: Health,
  metrics: Metrics,
  pool: Pool,
  worker: LedgerWorker,
  clock: Clock,
): void {
  metrics.gauge('cct_outbox_rows', 'Outbox rows that are not settled', ['state'], async (gauge) => {
    const { outbox } = await databaseStatus(pool);
    gauge.set({ state: 'pending' }, outbox.backlog - outbox.unknown);
    gauge.set({ state: 'submitted' }, outbox.unknown);
    gauge.set({ state: 'held' }, outbox.held);
    gauge.set({ state: 'parked' }, outbox.parked.length);
  });
  metrics.gauge('cct_outbox_oldest_age_seconds', 'Age of the oldest row that waits for its turn', [], async (gauge) => {
    const { oldest } = (await databaseStatus(pool)).outbox;
    gauge.set(oldest === null ? 0 : Math.max(0, clock.now() - oldest.createdAt.getTime()) / 1000);
  });
  metrics.gauge('cct_ledger_blocks', 'Blocks of the ledger at each organisation', ['organisation'], (gauge) => {
    for (const { mspid, height } of worker.heights?.health.organisations ?? [])
      if (height !== null) gauge.set({ organisation: mspid }, height);
  });
  metrics.gauge('cct_ledger_copies_in_doubt', 'Organisations whose copy is silent, behind or different', [], (gauge) =>
    gauge.set(new Set((worker.heights?.problems ?? []).map(({ mspid }) => mspid)).size),
  );
  metrics.gauge('cct_ledger_worker_active', '1: this process leads, 0: it stands by', [], (gauge) =>
    gauge.set(worker.active ? 1 : 0),
  );
  health.addWarning('outbox', async () => {
    const { outbox } = await databaseStatus(pool);
    const { parked, held } = outbox;
    return parked.length === 0 ? null : `${parked.length} rows are parked, ${held} wait for them`;
  });
  health.addWarning('copies', () => {
    const codes = new Set((worker.heights?.problems ?? []).map(({ code }) => code));
    return codes.size === 0 ? null : [...codes].sort().join(', ');
  });
}
