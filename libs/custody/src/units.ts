import type { UnitState } from '@coldchain/chaincode/protocol';
import { unitKey } from '@coldchain/epcis';
import type { Gtin, Lot, Serial, Sscc } from '@coldchain/gs1';
import { type ActContext, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { packedEvent, unpackedEvent } from './events.js';
import { vouchingOf } from './lateness.js';
import { partLeg, refreshLeg } from './legs.js';
import { type FreedLogger, endEvidence, handOn, handOnLaterLegs } from './handed-on.js';
import { attachLogger, bindDeviceOf, ownLogger } from './loggers.js';
import { type VisiblePack, visiblePacks, type VisibleUnit, visibleUnit, visibleUnits } from './objects.js';
import { closePackaging, openPackaging, ownPackaging } from './packaging.js';
import { ownPlace } from './places.js';
import { putInto } from './presence.js';
import { recordAct } from './record-act.js';
import { areWatched } from './watched.js';

/** A new logistic unit and what is packed into it. */
export interface AggregateUnit {
  readonly sscc: Sscc;
  /** Units packed whole. */
  readonly children: readonly Sscc[];
  /** Loose packs, from production or taken out of other units (which the new unit then inherits from). */
  readonly packs: readonly { readonly gtin: Gtin; readonly lot: Lot; readonly serials: readonly Serial[] }[];
  /** Serial number of the logger that watches it. Without one, the only logger of its children moves along. */
  readonly logger?: string;
  /** Name of the place of the acting organisation that it is packed in and stays in. */
  readonly place?: string;
  /** Name of the qualified packaging that it is closed in: its hours begin. */
  readonly packaging?: string;
}

/**
 * Packs units and packs under a new SSCC. What it inherits cannot be washed off: the maximum over all that went in.
 *
 * @throws ActRefused `sscc-exists`, `unit-unknown`, `pack-unknown`, `pack-repeated`, `pack-not-in-unit` (it lies in a unit
 * of others), `logger-ambiguous`, `logger-unknown`, `logger-bound`, `logger-in-place`, `place-unknown`, `packaging-unknown`,
 * or what the contract refuses (`not-custodian`, `unit-in-parent`, …).
 */
export async function aggregateUnit(context: ActContext, input: AggregateUnit): Promise<RecordedAct> {
  const { transaction, organisation } = context;
  const children = await visibleUnits(context, input.children);
  const packs = await packsOf(context, input);
  const sources = await sourcesOf(context, packs);
  const place = input.place === undefined ? null : await ownPlace(context, input.place);
  const packaging = input.packaging === undefined ? null : await ownPackaging(context, input.packaging);
  const fresh = packs.filter((pack) => pack.unitId === null).map((pack) => pack.batchKey);
  const secret = context.random.bytes(32);
  const key = unitKey(secret, input.sscc);
  const [unit] = await transaction.query<{ id: number }>(
    `INSERT INTO unit (organisation_id, sscc, secret, unit_key) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organisation_id, sscc) DO NOTHING RETURNING id`,
    [organisation.id, input.sscc, secret, key],
  );
  if (unit === undefined) throw new ActRefused('sscc-exists', { sscc: input.sscc });

  const act = await recordAct(context, {
    command: 'aggregateUnit',
    payload: {
      unit: key,
      children: children.map((child) => child.key),
      sources: sources.map((source) => source.key),
      batches: [...new Set(fresh)].sort(),
    },
    event: packedEvent(context, { parent: input.sscc, children: input.children, packs }),
    objects: [key, ...children.map((child) => child.key), ...sources.map((source) => source.key)].map((unitKeyOf) => ({
      type: 'unit' as const,
      key: unitKeyOf,
    })),
    reads: [...new Set(packs.map((pack) => pack.batchKey))].map((batch) => ({ type: 'batch' as const, key: batch })),
  });
  await transaction.query('UPDATE unit SET parent_id = $1 WHERE id = ANY($2)', [
    unit.id,
    children.map((child) => child.id),
  ]);
  await movePacks(context, packs, unit.id);
  const isSeconded =
    fresh.length === 0 &&
    (await areWatched(
      context,
      [...children, ...sources].map((source) => source.id),
    ));
  for (const source of sources) await breakOpen(context, source.id);
  const whole = { id: unit.id, sscc: input.sscc, key };
  await bindEvidence(
    context,
    whole,
    { children, isAlone: packs.length === 0 && children.length === 1, isSeconded },
    input.logger,
  );
  if (packaging !== null) {
    await closePackaging(context, unit.id, packaging);
    await refreshLeg(context, unit.id);
  }
  if (place !== null) await putInto(context, unit.id, place, isSeconded);
  const opened = sources.map((source) => source.id);
  await handOnLaterLegs(context, opened, unit.id);
  return act.recorded;
}

async function packsOf(context: ActContext, input: AggregateUnit): Promise<VisiblePack[]> {
  const packs: VisiblePack[] = [];
  for (const line of input.packs) packs.push(...(await visiblePacks(context, line.gtin, line.lot, line.serials)));
  if (new Set(packs.map((pack) => pack.key)).size !== packs.length) throw new ActRefused('pack-repeated');
  return packs;
}

/**
 * The units that packs come out of. Who knows a batch sees all its packs, and not the units that others hold: a pack out
 * of such a unit would come here without what that unit has been through. @throws ActRefused `pack-not-in-unit`
 */
async function sourcesOf(context: ActContext, packs: readonly VisiblePack[]): Promise<VisibleUnit[]> {
  const ids = packs.flatMap((pack) => (pack.unitId === null ? [] : [pack.unitId]));
  if (ids.length === 0) return [];
  const rows = await context.transaction.query<{ id: number; sscc: Sscc; unit_key: string }>(
    'SELECT id, sscc, unit_key FROM unit WHERE id = ANY($1) ORDER BY unit_key',
    [ids],
  );
  const visible = new Set(rows.map((row) => row.id));
  const elsewhere = packs.find((pack) => pack.unitId !== null && !visible.has(pack.unitId));
  if (elsewhere !== undefined) throw new ActRefused('pack-not-in-unit', { serial: elsewhere.serial });
  return rows.map((row) => ({ id: row.id, sscc: row.sscc, key: row.unit_key }));
}

/** @throws ActRefused `pack-not-in-unit`: another act has moved one of them since it was looked up */
async function movePacks(context: ActContext, packs: readonly VisiblePack[], unitId: number): Promise<void> {
  const moved = await context.transaction.query(
    `UPDATE pack SET unit_id = $1 FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS p(batch_id, serial, unit_id)
     WHERE pack.batch_id = p.batch_id AND pack.serial = p.serial AND pack.unit_id IS NOT DISTINCT FROM p.unit_id
     RETURNING pack.serial`,
    [unitId, packs.map((pack) => pack.batchId), packs.map((pack) => pack.serial), packs.map((pack) => pack.unitId)],
  );
  if (moved.length !== packs.length) throw new ActRefused('pack-not-in-unit', { packs: packs.length - moved.length });
}

/** What a unit is packed from. */
interface Contents {
  readonly children: readonly VisibleUnit[];
  /** There is nothing but one unit: what watched that one goes on watching the same goods. */
  readonly isAlone: boolean;
  /** All of it comes from where something watched it until now. */
  readonly isSeconded: boolean;
}

/**
 * The loggers of what was packed stop watching their units; one of them, or a new one, watches the whole. What else watched
 * them speaks for the whole until the act was captured.
 */
async function bindEvidence(
  context: ActContext,
  unit: VisibleUnit,
  { children, isAlone, isSeconded }: Contents,
  logger: string | undefined,
): Promise<void> {
  const packed = children.map((child) => child.id);
  const freed = await endEvidence(context, packed, 'packed');
  const loggerId = logger === undefined ? onlyOf(freed) : await ownLogger(context, logger);
  const moved = freed.find(({ id }) => id === loggerId);
  if (loggerId !== null) {
    if (moved === undefined) await bindDeviceOf(context, unit, loggerId);
    const vouching = isAlone && moved !== undefined ? moved : vouchingOf(context, isSeconded);
    await attachLogger(context, unit.id, loggerId, moved?.legId ?? null, vouching);
  }
  await handOn(
    context,
    packed,
    freed.filter((other) => other !== moved),
    unit.id,
  );
}

/** @throws ActRefused `logger-ambiguous` */
function onlyOf(freed: readonly FreedLogger[]): number | null {
  if (freed.length > 1) throw new ActRefused('logger-ambiguous', { loggers: freed.length });
  return freed[0]?.id ?? null;
}

/**
 * Packs or units were taken out of a unit: its packaging vouches for what is left no longer, and what it goes through from
 * now on is not theirs.
 */
async function breakOpen(context: ActContext, unitId: number): Promise<void> {
  if (await openPackaging(context, unitId)) await refreshLeg(context, unitId);
  await partLeg(context, unitId);
}

/** Units taken out of their parent. */
export interface DisaggregateUnit {
  readonly sscc: Sscc;
  readonly children: readonly Sscc[];
}

/**
 * Takes units out of their parent: each gets the parent's thermal state and holds. A parent that is empty is dissolved
 * and its loggers are free; they must be bound anew to what they watch from now on.
 */
export async function disaggregateUnit(context: ActContext, input: DisaggregateUnit): Promise<RecordedAct> {
  const parent = await visibleUnit(context, input.sscc);
  const children = await visibleUnits(context, input.children);
  const act = await recordAct(context, {
    command: 'disaggregateUnit',
    payload: { unit: parent.key, children: children.map((child) => child.key) },
    event: unpackedEvent(context, { parent: input.sscc, children: input.children }),
    objects: [parent, ...children].map((unit) => ({ type: 'unit' as const, key: unit.key })),
  });
  if (act.expected === null) return act.recorded;
  await context.transaction.query('UPDATE unit SET parent_id = NULL WHERE id = ANY($1)', [
    children.map((child) => child.id),
  ]);
  const left: UnitState | undefined = act.expected.units.find((unit) => unit.unit === parent.key);
  await breakOpen(context, parent.id);
  const freed = left?.status === 'dissolved' ? await endEvidence(context, [parent.id], 'dissolved') : null;
  for (const child of children) {
    if (freed !== null) await handOn(context, [parent.id], freed, child.id);
    await handOnLaterLegs(context, [parent.id], child.id);
    // Packaging that stayed closed inside of the parent goes on.
    await refreshLeg(context, child.id);
  }
  return act.recorded;
}
