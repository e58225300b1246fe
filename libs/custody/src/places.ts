import type { Giai, Gln } from '@coldchain/gs1';
import { isDeepStrictEqual } from 'node:util';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { lockAssignment, ownLogger, watchedLater } from './loggers.js';

/** Where goods are kept or driven: a location (GLN, and what lies inside of it) or a vehicle (an asset). */
export type PlaceIdentifier =
  | { readonly kind: 'location'; readonly gln: Gln; readonly extension: string | null }
  | { readonly kind: 'vehicle'; readonly giai: Giai };

/** A place of the acting organisation. */
export interface Place {
  readonly id: number;
  readonly name: string;
  readonly identifier: PlaceIdentifier;
}

/**
 * Makes a place known under a short name; the same again changes nothing.
 * @throws ActRefused `place-exists-differently`: the name or the identifier is taken
 */
export async function registerPlace(
  context: ActContext,
  input: { readonly name: string; readonly identifier: PlaceIdentifier },
): Promise<{ readonly place: Place; readonly repeated: boolean }> {
  const { identifier } = input;
  const { gln, extension, giai } =
    identifier.kind === 'location'
      ? { gln: identifier.gln, extension: identifier.extension, giai: null }
      : { gln: null, extension: null, giai: identifier.giai };
  const added = await context.transaction.query<{ id: number }>(
    `INSERT INTO place (organisation_id, name, kind, gln, extension, giai, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id`,
    [context.organisation.id, input.name, identifier.kind, gln, extension, giai, new Date(context.clock.now())],
  );
  const place = await findPlace(context, input.name);
  if (place === undefined || !isDeepStrictEqual(place.identifier, identifier)) {
    throw new ActRefused('place-exists-differently', { place: input.name });
  }
  return { place, repeated: added.length === 0 };
}

/** A place by its name. @throws ActRefused `place-unknown` */
export async function ownPlace(context: ActContext, name: string): Promise<Place> {
  const place = await findPlace(context, name);
  if (place === undefined) throw new ActRefused('place-unknown', { place: name });
  return place;
}

/** A logger and the place that it watches. */
export interface PlaceLogger {
  readonly place: string;
  /** Serial number that it sends. */
  readonly logger: string;
}

/**
 * A logger watches a place from now on: what it measures is evidence of the units there, while they are there. Never from
 * an earlier time on: what it measured before may have been measured elsewhere. Again changes nothing.
 *
 * @throws ActRefused `place-unknown`, `logger-unknown`, `logger-bound` (to a unit), `logger-in-place` (another one)
 */
export async function assignPlaceLogger(
  context: ActContext,
  input: PlaceLogger,
): Promise<{ readonly since: Date; readonly repeated: boolean }> {
  const place = await ownPlace(context, input.place);
  const loggerId = await ownLogger(context, input.logger);
  await lockAssignment(context, loggerId);
  const [present] = await context.transaction.query<{ place_id: number; since: Date }>(
    'SELECT place_id, since FROM place_logger WHERE logger_id = $1 AND until IS NULL',
    [loggerId],
  );
  if (present?.place_id === place.id) return { since: present.since, repeated: true };
  if (present !== undefined) throw new ActRefused('logger-in-place', { logger: input.logger });
  const bound = await context.transaction.query(
    'SELECT 1 FROM unit_logger WHERE logger_id = $1 AND unbound_at IS NULL',
    [loggerId],
  );
  const now: ActContext = { ...context, eventTime: context.clock.now() };
  if (bound.length > 0 || (await watchedLater(now, loggerId))) {
    throw new ActRefused('logger-bound', { logger: input.logger });
  }
  const since = new Date(context.clock.now());
  await context.transaction.query('INSERT INTO place_logger (place_id, logger_id, since) VALUES ($1, $2, $3)', [
    place.id,
    loggerId,
    since,
  ]);
  await context.transaction.query('SELECT note_place_change($1)', [place.id]);
  return { since, repeated: false };
}

/**
 * A logger watches its place no longer, from now on: what it measured there stays.
 * @throws ActRefused `place-unknown`, `logger-unknown`, `logger-not-in-place`
 */
export async function removePlaceLogger(context: ActContext, input: PlaceLogger): Promise<void> {
  const place = await ownPlace(context, input.place);
  const loggerId = await ownLogger(context, input.logger);
  const ended = await endPlace(context, loggerId, place.id);
  if (ended.length === 0) throw new ActRefused('logger-not-in-place', { place: input.place, logger: input.logger });
}

/** Wherever a logger is: it watches no place from now on. */
export async function leaveEveryPlace(context: ActContext, loggerId: number): Promise<void> {
  await endPlace(context, loggerId, null);
}

async function endPlace(context: ActContext, loggerId: number, placeId: number | null): Promise<number[]> {
  const ended = await context.transaction.query<{ place_id: number }>(
    `UPDATE place_logger SET until = greatest(since, $3)
     WHERE logger_id = $1 AND ($2::integer IS NULL OR place_id = $2) AND until IS NULL RETURNING place_id`,
    [loggerId, placeId, new Date(context.clock.now())],
  );
  for (const { place_id } of ended) await context.transaction.query('SELECT note_place_change($1)', [place_id]);
  return ended.map(({ place_id }) => place_id);
}

async function findPlace(context: ActContext, name: string): Promise<Place | undefined> {
  const [row] = await context.transaction.query<{
    id: number;
    kind: PlaceIdentifier['kind'];
    gln: Gln | null;
    extension: string | null;
    giai: Giai | null;
  }>('SELECT id, kind, gln, extension, giai FROM place WHERE organisation_id = $1 AND name = $2', [
    context.organisation.id,
    name,
  ]);
  if (row === undefined) return undefined;
  const { id, gln, extension, giai } = row;
  if (gln !== null) return { id, name, identifier: { kind: 'location', gln, extension } };
  if (giai !== null) return { id, name, identifier: { kind: 'vehicle', giai } };
  throw new Error(`place ${id} has no identifier`);
}
