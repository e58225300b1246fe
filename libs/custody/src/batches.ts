import { batchKey, packKey, packTreeRoot } from '@coldchain/epcis';
import type { Gtin, LocalDate, Lot, Serial } from '@coldchain/gs1';
import { type ActContext, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { certifiedEvent, lotEvent, packsEvent, recalledEvent, recallLiftedEvent } from './events.js';
import { visibleBatch } from './objects.js';
import { profileOfBatch } from './products.js';
import { recordAct } from './record-act.js';

/** One production run of a lot, ready to be registered. */
export interface RegisterBatch {
  readonly gtin: Gtin;
  readonly lot: Lot;
  /** Last day on which a pack may be dispensed, `YYYY-MM-DD`. */
  readonly expiry: LocalDate;
  readonly profileVersion: number;
  /** Serial numbers of the packs of the first production run. */
  readonly serials: readonly Serial[];
}

/**
 * Registers a batch and its packs: two events (the lot; the packs of the run) and two commands. The batch secret is
 * made here and travels with despatch data only.
 *
 * @throws ActRefused `product-unknown`, `lot-exists`, `pack-repeated`, or what the contract refuses.
 */
export async function registerBatch(context: ActContext, input: RegisterBatch): Promise<RecordedAct[]> {
  const { transaction, organisation } = context;
  const profile = await profileOfBatch(context, input.gtin, input.profileVersion);
  const secret = context.random.bytes(32);
  const key = batchKey(secret, input.gtin, input.lot);
  const [batch] = await transaction.query<{ id: number }>(
    `INSERT INTO batch (organisation_id, gtin, lot, expiry, profile_version, secret, batch_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation_id, gtin, lot) DO NOTHING RETURNING id`,
    [organisation.id, input.gtin, input.lot, input.expiry, input.profileVersion, secret, key],
  );
  if (batch === undefined) throw new ActRefused('lot-exists', { gtin: input.gtin, lot: input.lot });

  const registered = await recordAct(context, {
    command: 'registerBatch',
    payload: { batch: key, profile, expiry: input.expiry },
    event: lotEvent(context, { ...input, count: input.serials.length }),
    objects: [{ type: 'batch', key }],
    reads: [{ type: 'profile', key: profile }],
  });
  if (input.serials.length === 0) return [registered.recorded];
  const added = await addPacks(context, { id: batch.id, key, secret, ...input });
  return [registered.recorded, added];
}

interface RunOfPacks {
  readonly id: number;
  readonly key: string;
  readonly secret: Buffer;
  readonly gtin: Gtin;
  readonly lot: Lot;
  readonly expiry: LocalDate;
  readonly serials: readonly Serial[];
}

/** Stores the packs of the first run in ascending key order (their leaf order) and commits to them by the tree's root. */
async function addPacks(context: ActContext, run: RunOfPacks): Promise<RecordedAct> {
  if (new Set(run.serials).size !== run.serials.length) throw new ActRefused('pack-repeated', { lot: run.lot });
  const packs = run.serials
    .map((serial) => ({ serial, key: packKey(run.secret, run.gtin, serial) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  await context.transaction.query(
    `INSERT INTO pack (batch_id, serial, run, leaf_index, pack_key)
     SELECT $1, serial, 0, leaf - 1, key FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS p(serial, key, leaf)`,
    [run.id, packs.map((pack) => pack.serial), packs.map((pack) => pack.key)],
  );
  const added = await recordAct(context, {
    command: 'addPacks',
    payload: { batch: run.key, root: packTreeRoot(packs.map((pack) => pack.key)) },
    event: packsEvent(context, run),
    objects: [{ type: 'batch', key: run.key }],
  });
  return added.recorded;
}

/** Names a lot of a product. */
export interface NamedBatch {
  readonly gtin: Gtin;
  readonly lot: Lot;
}

/** The qualified person's certification: before it, nothing of the lot is ever ok. */
export async function certifyBatch(context: ActContext, input: NamedBatch): Promise<RecordedAct> {
  const batch = await visibleBatch(context, input.gtin, input.lot);
  const certified = await recordAct(context, {
    command: 'certifyBatch',
    payload: { batch: batch.key },
    event: certifiedEvent(context, input),
    objects: [{ type: 'batch', key: batch.key }],
  });
  return certified.recorded;
}

/** A recall by the batch's owner or the regulator: class (1 gravest) and how deep it reaches. */
export interface RecallBatch extends NamedBatch {
  readonly class: 1 | 2 | 3;
  readonly depth: 'wholesale' | 'pharmacy' | 'patient';
}

/** Recalls every unit and pack of the lot. A regulator names the lot that lies before it. */
export async function recallBatch(context: ActContext, input: RecallBatch): Promise<RecordedAct> {
  await inspectBatch(context, input);
  const batch = await visibleBatch(context, input.gtin, input.lot);
  const recalled = await recordAct(context, {
    command: 'recallBatch',
    payload: { batch: batch.key, class: input.class, depth: input.depth },
    event: recalledEvent(context, input),
    attachment: { class: input.class, depth: input.depth },
    objects: [{ type: 'batch', key: batch.key }],
  });
  return recalled.recorded;
}

/**
 * Lifts the acting organisation's own recall; the batch is recalled as long as anybody's stands.
 *
 * @throws ActRefused `batch-unknown`, `batch-not-recalled`, `recall-not-of-caller`, `batch-not-owned`.
 */
export async function liftRecall(context: ActContext, input: NamedBatch): Promise<RecordedAct> {
  await inspectBatch(context, input);
  const batch = await visibleBatch(context, input.gtin, input.lot);
  const lifted = await recordAct(context, {
    command: 'liftRecall',
    payload: { batch: batch.key },
    event: recallLiftedEvent(context, input),
    objects: [{ type: 'batch', key: batch.key }],
  });
  return lifted.recorded;
}

/** Does nothing for who is no regulator. */
async function inspectBatch(context: ActContext, { gtin, lot }: NamedBatch): Promise<void> {
  await context.transaction.query('SELECT inspect_batch($1, $2)', [gtin, lot]);
}
