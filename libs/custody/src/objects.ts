import type { PartyId, UnitState } from '@coldchain/chaincode/protocol';
import type { Gln, Gtin, Lot, Serial, Sscc } from '@coldchain/gs1';
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
    `SELECT id, batch_key, profile_version FROM batch WHERE gtin = $1 AND lot = $2
     ORDER BY organisation_id = $3 DESC, id LIMIT 1`,
    [gtin, lot, context.organisation.id],
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

/**
 * The units of these SSCCs in their order. Others may have used an SSCC as well, by mistake or on purpose: then the unit
 * is meant of which the acting organisation is `standing` (custodian, or receiver when goods are received).
 *
 * @throws ActRefused `unit-unknown`; `sscc-exists` when it cannot be told which of several units is meant
 */
export async function visibleUnits(
  context: ActContext,
  ssccs: readonly Sscc[],
  standing: 'custodian' | 'receiver' = 'custodian',
): Promise<VisibleUnit[]> {
  const rows = await context.transaction.query<{ id: number; sscc: Sscc; unit_key: string; standing: boolean }>(
    `SELECT u.id, u.sscc, u.unit_key,
            coalesce(e.state ->> $2 = $3 AND e.state ->> 'status' <> 'dissolved', false) AS standing
     FROM unit u LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     WHERE u.sscc = ANY($1)`,
    [ssccs, standing, context.organisation.party],
  );
  return ssccs.map((sscc) => {
    const all = rows.filter((row) => row.sscc === sscc);
    const meant = all.filter((row) => row.standing);
    const [unit, other] = meant.length > 0 ? meant : all;
    if (unit === undefined) throw new ActRefused('unit-unknown', { sscc });
    if (other !== undefined) throw new ActRefused('sscc-exists', { sscc });
    return { id: unit.id, sscc, key: unit.unit_key };
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

/** An organisation that takes part. */
export interface KnownOrganisation {
  readonly id: number;
  readonly party: PartyId;
  readonly gln: Gln;
}

/** The organisation of a slug or ledger party; undefined where there is none. */
export async function organisationOf(context: ActContext, name: string): Promise<KnownOrganisation | undefined> {
  const [row] = await context.transaction.query<KnownOrganisation>(
    'SELECT id, party, gln FROM organisation WHERE party = $1 OR slug = $1',
    [name],
  );
  return row;
}

/** References to units, as acts name them. */
export const unitReferences = (units: readonly VisibleUnit[]): { type: 'unit'; key: string }[] =>
  units.map((unit) => ({ type: 'unit', key: unit.key }));

/** The states that are expected of units, by their keys. */
export async function expectedUnits(
  context: ActContext,
  units: readonly VisibleUnit[],
): Promise<ReadonlyMap<string, UnitState>> {
  const rows = await context.transaction.query<{ object_key: string; state: UnitState }>(
    `SELECT object_key, state FROM expected_object WHERE object_type = 'unit' AND object_key = ANY($1)`,
    [units.map((unit) => unit.key)],
  );
  return new Map(rows.map((row) => [row.object_key, row.state]));
}
