import type { OrganisationTransaction } from '@coldchain/database';

/** A flag that a logger's readings raised. */
export interface FlagRow {
  readonly id: number;
  readonly logger: string;
  readonly cause: string;
  readonly at: Date;
  readonly raisedAt: Date;
  readonly score: number;
  readonly milliCelsius: number;
  readonly humidityPermille: number | null;
  /** When what is foreseen will be; null for what is so now. */
  readonly expectedAt: Date | null;
  readonly detector: string;
}

/** Flags before an id, newest first, of one logger or of all. */
export function flagsBefore(
  transaction: OrganisationTransaction,
  logger: string | null,
  before: number | null,
  count: number,
): Promise<FlagRow[]> {
  return transaction.query<FlagRow>(
    `SELECT f.id, l.serial AS logger, f.cause, f.at, f.raised_at AS "raisedAt", f.score, f.milli_celsius AS "milliCelsius",
            f.humidity_permille AS "humidityPermille", f.expected_at AS "expectedAt", f.detector
     FROM telemetry_flag f JOIN logger l ON l.id = f.logger_id
     WHERE f.organisation_id = $1 AND ($2::text IS NULL OR l.serial = $2) AND ($3::bigint IS NULL OR f.id < $3)
     ORDER BY f.id DESC LIMIT $4`,
    [transaction.organisationId, logger, before, count],
  );
}
