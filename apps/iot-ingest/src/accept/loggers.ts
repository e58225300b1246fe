import type { Database, OrganisationTransaction } from '@coldchain/database';
import type { Clock } from '@coldchain/kernel';
import { type PackedFrame, type Series, unpackSeries } from '@coldchain/telemetry';
import type { Gateway } from '../message-source.js';

/** A binding or a registration made meanwhile counts after this time. */
const REMEMBER_MS = 3_000;
const REMEMBERED = 100_000;
/** Declared interval of a logger that nobody registered and that sent a single reading so far. */
const DEFAULT_INTERVAL_MS = 300_000;

/** What a gateway heard from loggers. */
export interface HeardFrame {
  readonly message: { readonly gateway: Gateway };
  readonly frame: Pick<PackedFrame, 'series' | 'single'>;
}

/** A logger as a gateway heard it. */
interface HeardLogger {
  readonly gateway: Gateway;
  readonly serial: string;
  /** What it sent; its interval is guessed from it if nobody registered it. */
  readonly series: Series;
}

interface Known {
  readonly id: number;
  readonly until: number;
}

/**
 * Which logger a serial number means to a gateway, in this order: one of its own organisation that watches a unit; one of
 * others that watches a unit which this organisation holds, held, or is to receive (a sender's logger read by other
 * gateways); a registered one of its own; one of others that watched such a unit before; else an unregistered logger of
 * its own organisation, made now, so that no reading waits for paperwork.
 */
export class Loggers {
  private readonly known = new Map<number, Map<string, Known>>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** The numbers of the loggers of all series of these frames, in their order. */
  async resolve(frames: readonly HeardFrame[]): Promise<readonly number[]> {
    const now = this.clock.now();
    const ids: number[] = [];
    let isComplete = true;
    const add = (known: Known | undefined): void => {
      const isKnown = known !== undefined && known.until >= now;
      ids.push(isKnown ? known.id : UNKNOWN);
      isComplete &&= isKnown;
    };
    for (const { message, frame } of frames) {
      const ofOrganisation = this.known.get(message.gateway.organisationId);
      if (frame.single !== null) add(ofOrganisation?.get(frame.single.logger));
      else for (const { logger } of frame.series) add(ofOrganisation?.get(logger));
    }
    if (isComplete) return ids;
    const heard = frames.flatMap(({ message: { gateway }, frame }) =>
      frame.series.map((series): HeardLogger => ({ gateway, serial: series.logger, series })),
    );
    const missing = new Map<number, Map<string, HeardLogger>>();
    for (const [index, logger] of heard.entries()) {
      if (ids[index] !== UNKNOWN) continue;
      const { organisationId } = logger.gateway;
      const ofOrganisation = missing.get(organisationId) ?? new Map<string, HeardLogger>();
      missing.set(organisationId, ofOrganisation.set(logger.serial, logger));
    }
    for (const [organisationId, loggers] of missing) {
      const found = await this.look([...loggers.values()]);
      for (const [index, { gateway, serial }] of heard.entries()) {
        if (ids[index] === UNKNOWN && gateway.organisationId === organisationId) ids[index] = idIn(found, serial);
      }
      this.remember(organisationId, found, now + REMEMBER_MS);
    }
    return ids;
  }

  private remember(organisationId: number, found: ReadonlyMap<string, number>, until: number): void {
    let known = this.known.get(organisationId);
    if (known === undefined || known.size > REMEMBERED) this.known.set(organisationId, (known = new Map()));
    for (const [serial, id] of found) known.set(serial, { id, until });
  }

  /** All of one organisation. */
  private async look(heard: readonly HeardLogger[]): Promise<Map<string, number>> {
    const [first] = heard;
    if (first === undefined) return new Map();
    const { organisationId, party } = first.gateway;
    const found = await this.database.withOrganisation(organisationId, async (transaction) => {
      const own = await owned(
        transaction,
        heard.map((logger) => logger.serial),
      );
      const watching = new Map(own.filter((row) => row.watches).map((row) => [row.serial, row.id]));
      const others = heard.filter((logger) => !watching.has(logger.serial));
      if (others.length === 0) return watching;
      const registered = new Map(own.filter((row) => row.registered).map((row) => [row.serial, row.id]));
      const unregistered = new Map(own.filter((row) => !row.registered).map((row) => [row.serial, row.id]));
      const visiting = await bound(
        transaction,
        party,
        others.map((logger) => logger.serial),
      );
      const idsOf = (rows: readonly Visiting[]): [string, number][] => rows.map((row) => [row.serial, row.id]);
      return new Map([
        ...unregistered,
        ...idsOf(visiting.filter((row) => !row.watches)),
        ...registered,
        ...idsOf(visiting.filter((row) => row.watches)),
        ...watching,
      ]);
    });
    const unheard = heard.filter((logger) => !found.has(logger.serial));
    if (unheard.length > 0) {
      for (const [serial, id] of await this.add(organisationId, unheard)) found.set(serial, id);
    }
    return found;
  }

  private async add(organisationId: number, heard: readonly HeardLogger[]): Promise<Map<string, number>> {
    const serials = heard.map((logger) => logger.serial);
    await this.database.query(
      `INSERT INTO logger (organisation_id, serial, interval_ms, registered)
       SELECT $1, heard.serial, heard.interval_ms, false
       FROM unnest($2::text[], $3::int4[]) AS heard (serial, interval_ms) ORDER BY heard.serial ON CONFLICT DO NOTHING`,
      [
        organisationId,
        serials,
        heard.map((logger) => medianStepMs(unpackSeries(logger.series.data).map(({ at }) => at))),
      ],
    );
    const rows = await this.database.query<{ id: number; serial: string }>(
      'SELECT id, serial FROM logger WHERE organisation_id = $1 AND serial = ANY ($2::text[])',
      [organisationId, serials],
    );
    return new Map(rows.map((row) => [row.serial, row.id]));
  }
}

/** Median time between neighbouring readings, ms, between 1 s and a day; the default when there are no two. */
export function medianStepMs(times: readonly number[]): number {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const steps = sorted.slice(1).map((at, index) => at - (sorted[index] as number));
  const median = steps.sort((a, b) => a - b)[steps.length >> 1];
  return median === undefined ? DEFAULT_INTERVAL_MS : Math.min(Math.max(median, 1_000), 86_400_000);
}

async function owned(
  transaction: OrganisationTransaction,
  serials: readonly string[],
): Promise<{ id: number; serial: string; registered: boolean; watches: boolean }[]> {
  return transaction.query(
    `SELECT id, serial, registered,
            EXISTS (SELECT 1 FROM unit_logger b WHERE b.logger_id = logger.id AND b.unbound_at IS NULL) AS watches
     FROM logger WHERE organisation_id = $1 AND serial = ANY ($2::text[])`,
    [transaction.organisationId, serials],
  );
}

/** A logger of another organisation; `watches`: it is bound to the unit now. */
interface Visiting {
  readonly id: number;
  readonly serial: string;
  readonly watches: boolean;
}

/**
 * Loggers of others on units that this organisation holds, is to receive, or held before: a truck's gateway often delivers
 * its backlog after the goods have been handed over. A unit in a parent has the custody of the outermost unit, which alone
 * is shipped and received.
 */
async function bound(
  transaction: OrganisationTransaction,
  party: string,
  serials: readonly string[],
): Promise<Visiting[]> {
  return transaction.query<Visiting>(
    `WITH RECURSIVE holder AS (
       SELECT l.id, l.serial, b.bound_at, b.unbound_at IS NULL AS watches, u.unit_key, u.parent_id
       FROM logger l
       JOIN unit_logger b ON b.logger_id = l.id
       JOIN unit u ON u.id = b.unit_id
       WHERE l.serial = ANY ($2::text[])
       UNION ALL
       SELECT h.id, h.serial, h.bound_at, h.watches, p.unit_key, p.parent_id FROM holder h JOIN unit p ON p.id = h.parent_id
     )
     SELECT DISTINCT ON (h.serial) h.id, h.serial, h.watches
     FROM holder h JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = h.unit_key
     WHERE h.parent_id IS NULL
       AND ($1 IN (e.state ->> 'custodian', e.state ->> 'receiver') OR e.state -> 'previousCustodians' ? $1)
     ORDER BY h.serial, h.watches DESC, h.bound_at DESC`,
    [party, serials],
  );
}

const UNKNOWN = 0;

function idIn(found: ReadonlyMap<string, number>, serial: string): number {
  const id = found.get(serial);
  if (id === undefined) throw new Error('logger was not resolved');
  return id;
}
