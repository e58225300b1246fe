import { type ActContext, eventTimeOf } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { dateOrNull, vouchingOf } from './lateness.js';

/** Packaging that a study has shown to keep a range of temperatures for so long. */
export interface Packaging {
  readonly name: string;
  readonly qualifiedMs: number;
  readonly minMilliCelsius: number;
  readonly maxMilliCelsius: number;
  /** Names the qualification report. */
  readonly certificate: string;
}

/**
 * Makes a packaging known; the same again changes nothing. It never changes: units rely on what it was when they were
 * packed.
 * @throws ActRefused `packaging-exists-differently`
 */
export async function registerPackaging(
  context: ActContext,
  packaging: Packaging,
): Promise<{ readonly repeated: boolean }> {
  const { name, qualifiedMs, minMilliCelsius, maxMilliCelsius, certificate } = packaging;
  const added = await context.transaction.query(
    `INSERT INTO packaging (organisation_id, name, qualified_ms, min_milli_celsius, max_milli_celsius, certificate, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (organisation_id, name) DO NOTHING RETURNING id`,
    [
      context.organisation.id,
      name,
      qualifiedMs,
      minMilliCelsius,
      maxMilliCelsius,
      certificate,
      new Date(context.clock.now()),
    ],
  );
  if (added.length > 0) return { repeated: false };
  const same = await context.transaction.query(
    `SELECT 1 FROM packaging WHERE organisation_id = $1 AND name = $2 AND qualified_ms = $3 AND min_milli_celsius = $4
       AND max_milli_celsius = $5 AND certificate = $6`,
    [context.organisation.id, name, qualifiedMs, minMilliCelsius, maxMilliCelsius, certificate],
  );
  if (same.length === 0) throw new ActRefused('packaging-exists-differently', { packaging: name });
  return { repeated: true };
}

/** The row of a packaging. @throws ActRefused `packaging-unknown` */
export async function ownPackaging(context: ActContext, name: string): Promise<number> {
  const [row] = await context.transaction.query<{ id: number }>(
    'SELECT id FROM packaging WHERE organisation_id = $1 AND name = $2',
    [context.organisation.id, name],
  );
  if (row === undefined) throw new ActRefused('packaging-unknown', { packaging: name });
  return row.id;
}

/** A new unit is closed in its packaging: its hours begin. It vouches for no more time before the capture than a logger. */
export async function closePackaging(context: ActContext, unitId: number, packagingId: number): Promise<void> {
  await context.transaction.query(
    'INSERT INTO unit_packaging (unit_id, packaging_id, closed_at, vouches_from) VALUES ($1, $2, $3, $4)',
    [unitId, packagingId, new Date(eventTimeOf(context)), dateOrNull(vouchingOf(context, false).vouchesFrom)],
  );
}

/** Something was taken out: what the packaging was qualified for holds no longer. True: there was a closed one. */
export async function openPackaging(context: ActContext, unitId: number): Promise<boolean> {
  const opened = await context.transaction.query(
    `UPDATE unit_packaging SET opened_at = greatest(closed_at, $2) WHERE unit_id = $1 AND opened_at IS NULL
     RETURNING unit_id`,
    [unitId, new Date(eventTimeOf(context))],
  );
  return opened.length > 0;
}
