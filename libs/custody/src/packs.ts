import type { PackStatus } from '@coldchain/chaincode/protocol';
import { packInclusion } from '@coldchain/epcis';
import type { Gtin, Lot, Serial } from '@coldchain/gs1';
import { type ActContext, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { packLeftEvent } from './events.js';
import { visiblePacks } from './objects.js';
import { recordAct } from './record-act.js';

/** A pack that leaves the supply chain. */
export interface DecommissionPack {
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly serial: Serial;
  readonly status: PackStatus;
}

/**
 * Dispenses, destroys or otherwise decommissions one pack, with the proof that it was registered.
 *
 * @throws ActRefused `batch-unknown`, `pack-unknown`, `pack-not-in-unit`, or what the contract refuses:
 * `pack-already-decommissioned`, `batch-not-certified`, `batch-recalled`, `batch-expired`, `unit-held`, `not-custodian`.
 */
export async function decommissionPack(context: ActContext, input: DecommissionPack): Promise<RecordedAct> {
  const [pack] = await visiblePacks(context, input.gtin, input.lot, [input.serial]);
  if (pack === undefined) throw new ActRefused('pack-unknown', { serial: input.serial });
  const [unit] = await context.transaction.query<{ unit_key: string }>('SELECT unit_key FROM unit WHERE id = $1', [
    pack.unitId,
  ]);
  if (unit === undefined) throw new ActRefused('pack-not-in-unit', { serial: input.serial });
  const leaves = await context.transaction.query<{ pack_key: string }>(
    'SELECT pack_key FROM pack WHERE batch_id = $1 AND run = $2 ORDER BY leaf_index',
    [pack.batchId, pack.run],
  );
  const act = await recordAct(context, {
    command: 'decommissionPack',
    payload: {
      pack: pack.key,
      batch: pack.batchKey,
      unit: unit.unit_key,
      status: input.status,
      proof: {
        run: pack.run,
        index: pack.leafIndex,
        size: leaves.length,
        path: packInclusion(
          leaves.map((leaf) => leaf.pack_key),
          pack.leafIndex,
        ),
      },
    },
    event: packLeftEvent(context, input, input.status),
    objects: [
      { type: 'pack', key: pack.key },
      { type: 'unit', key: unit.unit_key },
      { type: 'batch', key: pack.batchKey },
    ],
    reads: [
      { type: 'unit', key: unit.unit_key },
      { type: 'batch', key: pack.batchKey },
    ],
  });
  return act.recorded;
}
