import type { Gtin, Lot, Serial, Sscc } from '@coldchain/gs1';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';

/** A batch as the acting organisation sees it: own, or received with despatch data. */
export interface VisibleBatch {
  readonly id: number;
  readonly key: string;
  readonly profileVersion: number;
}

/** @throws ActRefused `batch-unknown`: not registered here, or its data has not been given to this organisation. */
export async function visibleBatch(context: ActContext, gtin: Gtin, lot: Lot): Promise<VisibleBatch> {
  const [row] = await context.transaction.query<{ id: number; batch_key: string; profile_version: number }>(
    'SELECT id, batch_key, profile_version FROM batch WHERE gtin = $1 AND lot = $2',
    [gtin, lot],
  );
  if (row === undefined) throw new ActRefused('batch-unknown', { gtin, lot });
  return { id: row.id, key: row.batch_key, profileVersion: row.profile_version };
}

/** A unit as the acting organisation sees it. */
export interface VisibleUnit {
  readonly id: number;
  readonly sscc: Sscc;
  readonly key: string;
}

/** The units of these SSCCs in their order. @throws ActRefused `unit-unknown` */
export async function visibleUnits(context: ActContext, ssccs: readonly Sscc[]): Promise<VisibleUnit[]> {
  const rows = await context.transaction.query<{ id: number; sscc: Sscc; unit_key: string }>(
    'SELECT id, sscc, unit_key FROM unit WHERE sscc = ANY($1)',
    [ssccs],
  );
  const bySscc = new Map(rows.map((row) => [row.sscc, { id: row.id, sscc: row.sscc, key: row.unit_key }]));
  return ssccs.map((sscc) => {
    const unit = bySscc.get(sscc);
    if (unit === undefined) throw new ActRefused('unit-unknown', { sscc });
    return unit;
  });
}

/** The unit of one SSCC. @throws ActRefused `unit-unknown` */
export async function visibleUnit(context: ActContext, sscc: Sscc): Promise<VisibleUnit> {
  const [unit] = await visibleUnits(context, [sscc]);
  if (unit === undefined) throw new ActRefused('unit-unknown', { sscc });
  return unit;
}

/** A registered pack, its leaf in the tree of its run, and the unit it lies in. */
export interface VisiblePack {
  readonly batchId: number;
  readonly batchKey: string;
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly serial: Serial;
  readonly key: string;
  readonly run: number;
  readonly leafIndex: number;
  readonly unitId: number | null;
}

/** Packs of one lot by serial number, in the given order. @throws ActRefused `batch-unknown`, `pack-unknown` */
export async function visiblePacks(
  context: ActContext,
  gtin: Gtin,
  lot: Lot,
  serials: readonly Serial[],
): Promise<VisiblePack[]> {
  const batch = await visibleBatch(context, gtin, lot);
  const rows = await context.transaction.query<{
    serial: Serial;
    pack_key: string;
    run: number;
    leaf_index: number;
    unit_id: number | null;
  }>('SELECT serial, pack_key, run, leaf_index, unit_id FROM pack WHERE batch_id = $1 AND serial = ANY($2)', [
    batch.id,
    serials,
  ]);
  const bySerial = new Map(rows.map((row) => [row.serial, row]));
  return serials.map((serial) => {
    const row = bySerial.get(serial);
    if (row === undefined) throw new ActRefused('pack-unknown', { gtin, lot, serial });
    return {
      batchId: batch.id,
      batchKey: batch.key,
      gtin,
      lot,
      serial,
      key: row.pack_key,
      run: row.run,
      leafIndex: row.leaf_index,
      unitId: row.unit_id,
    };
  });
}
