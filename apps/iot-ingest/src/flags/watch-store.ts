import type { Transaction } from '@coldchain/database';
import { type KeptWatch, type WatchedReadings } from './watched-logger.js';

/** What is kept of loggers, by their ids. */
export async function keptWatches(
  transaction: Transaction,
  loggerIds: readonly number[],
): Promise<ReadonlyMap<number, KeptWatch>> {
  const rows = await transaction.query<{
    logger_id: number;
    detector: string;
    state: Buffer;
    seen_since: Date;
    seen_until: Date;
  }>('SELECT logger_id, detector, state, seen_since, seen_until FROM logger_watch WHERE logger_id = ANY ($1)', [
    loggerIds,
  ]);
  return new Map(
    rows.map((row) => [
      row.logger_id,
      {
        detector: row.detector,
        state: row.state,
        seenSince: row.seen_since.getTime(),
        seenUntil: row.seen_until.getTime(),
      },
    ]),
  );
}

/** A logger with what its new readings came to. */
export interface LoggerNews extends WatchedReadings {
  readonly loggerId: number;
  readonly organisationId: number;
}

/** Keeps what loggers have come to and the flags that they raised. */
export async function storeNews(transaction: Transaction, news: readonly LoggerNews[]): Promise<void> {
  const seen = news.filter(({ kept }) => Number.isFinite(kept.seenUntil));
  await transaction.query(
    `INSERT INTO logger_watch AS w (logger_id, detector, state, seen_since, seen_until, readings, late)
     SELECT * FROM unnest($1::integer[], $2::text[], $3::bytea[], $4::timestamptz[], $5::timestamptz[], $6::bigint[], $7::bigint[])
     ON CONFLICT (logger_id) DO UPDATE SET detector = excluded.detector, state = excluded.state,
       seen_since = excluded.seen_since, seen_until = excluded.seen_until, readings = w.readings + excluded.readings, late = w.late + excluded.late`,
    [
      seen.map(({ loggerId }) => loggerId),
      seen.map(({ kept }) => kept.detector),
      seen.map(({ kept }) => kept.state),
      seen.map(({ kept }) => new Date(kept.seenSince)),
      seen.map(({ kept }) => new Date(kept.seenUntil)),
      seen.map(({ readings }) => readings),
      seen.map(({ late }) => late),
    ],
  );
  const raised = news.flatMap(({ loggerId, organisationId, flags }) =>
    flags.map((flag) => ({ ...flag, loggerId, organisationId })),
  );
  if (raised.length === 0) return;
  await transaction.query(
    `INSERT INTO telemetry_flag (organisation_id, logger_id, cause, at, score, milli_celsius, humidity_permille, expected_at, detector)
     SELECT * FROM unnest($1::integer[], $2::integer[], $3::text[], $4::timestamptz[], $5::real[], $6::integer[],
                          $7::smallint[], $8::timestamptz[], $9::text[])
     ON CONFLICT DO NOTHING`,
    [
      raised.map(({ organisationId }) => organisationId),
      raised.map(({ loggerId }) => loggerId),
      raised.map(({ cause }) => cause),
      raised.map(({ at }) => new Date(at)),
      raised.map(({ score }) => score),
      raised.map(({ milliCelsius }) => milliCelsius),
      raised.map(({ humidityPermille }) => humidityPermille),
      raised.map(({ expectedAt }) => (expectedAt === null ? null : new Date(expectedAt))),
      raised.map(({ detector }) => detector),
    ],
  );
}
