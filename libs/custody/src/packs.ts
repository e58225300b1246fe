import type { PackStatus } from '@coldchain/chaincode/protocol';
import { didNotOccur, type JsonObject, packInclusion } from '@coldchain/epcis';
import type { Gtin, Lot, Serial } from '@coldchain/gs1';
import { type ActContext, eventTimeOf, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { packLeftEvent } from './events.js';
import { refreshLeg } from './legs.js';
import { visiblePacks } from './objects.js';
import { openPackaging } from './packaging.js';
import { judge, recordAct } from './record-act.js';

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
  const [unit] = await context.transaction.query<{ id: number; unit_key: string }>(
    'SELECT id, unit_key FROM unit WHERE id = $1',
    [pack.unitId],
  );
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
  if (!act.recorded.repeated && (await openPackaging(context, unit.id))) await refreshLeg(context, unit.id);
  return act.recorded;
}

/** A pack that was taken out of the supply chain by mistake. */
export type RevertDecommission = Omit<DecommissionPack, 'status'>;

/**
 * Puts a pack back: the event that took it out is declared not to have occurred, within the window of the regime and
 * while its unit lies with the acting organisation.
 *
 * @throws ActRefused `batch-unknown`, `pack-unknown`, or what the contract refuses: `pack-not-decommissioned`,
 * `decommission-not-of-caller`, `decommission-final`, `revert-window-over`, `batch-recalled`, `batch-expired`, …
 */
export async function revertDecommission(context: ActContext, input: RevertDecommission): Promise<RecordedAct> {
  const [pack] = await visiblePacks(context, input.gtin, input.lot, [input.serial]);
  if (pack === undefined) throw new ActRefused('pack-unknown', { serial: input.serial });
  const [mistaken] = await context.transaction.query<{ document: string; unit_key: string }>(
    `SELECT e.document, u.object_key AS unit_key
     FROM custody_event e
     JOIN custody_event_object p ON p.event_id = e.id AND p.object_key = $1
     JOIN custody_event_object u ON u.event_id = e.id AND u.object_type = 'unit'
     WHERE e.command = 'decommissionPack' AND e.organisation_id = $2 AND e.anchor_state <> 'refused'
     ORDER BY e.id DESC LIMIT 1`,
    [pack.key, context.organisation.id],
  );
  const payload = { pack: pack.key };
  if (mistaken === undefined) {
    // The rules say why not; without the event there is nothing to take back, whatever they say.
    const unanchored = { ...payload, commitment: '0'.repeat(64), eventTime: eventTimeOf(context) };
    await judge(context, 'revertDecommission', unanchored);
    throw new ActRefused('pack-not-decommissioned', { pack: pack.key });
  }
  const act = await recordAct(context, {
    command: 'revertDecommission',
    payload,
    event: didNotOccur(JSON.parse(mistaken.document) as JsonObject, eventTimeOf(context)),
    objects: [{ type: 'pack', key: pack.key }],
    reads: [
      { type: 'unit', key: mistaken.unit_key },
      { type: 'batch', key: pack.batchKey },
    ],
  });
  return act.recorded;
}
