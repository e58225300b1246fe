import type { OrganisationTransaction } from '@coldchain/database';
import { packSeries, type Reading, readingsOfRow, type StoredReadings } from '@coldchain/telemetry';

/** A leg that the organisation had, or has, while one logger spoke for it. */
export interface OwnLegRow {
  readonly id: number;
  readonly leg_key: string;
  readonly unit_id: number;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly logger_id: number;
  readonly serial: string | null;
  readonly interval_ms: number | null;
}

/** The organisation's own legs of a unit with each of their loggers, oldest first. */
export function ownLegsOf(transaction: OrganisationTransaction, sscc: string): Promise<OwnLegRow[]> {
  return transaction.query<OwnLegRow>(
    `SELECT l.id, l.leg_key, l.unit_id, greatest(s.since, l.started_at) AS started_at, s.until AS ended_at, s.logger_id,
            n.serial, n.interval_ms
     FROM leg l JOIN unit u ON u.id = l.unit_id JOIN leg_source s ON s.leg_id = l.id
     LEFT JOIN logger n ON n.id = s.logger_id
     WHERE u.sscc = $1 AND l.organisation_id = $2 ORDER BY greatest(s.since, l.started_at), l.id, s.logger_id`,
    [sscc, transaction.organisationId],
  );
}

/** Whether the organisation sees a unit of this SSCC. */
export async function seesUnit(transaction: OrganisationTransaction, sscc: string): Promise<boolean> {
  return (await transaction.query('SELECT 1 FROM unit WHERE sscc = $1 LIMIT 1', [sscc])).length > 0;
}

/** A file to be kept. */
export interface LoggerFileRow {
  readonly unitId: number;
  readonly name: string;
  readonly sha256: Buffer;
  readonly content: Buffer;
  readonly format: string;
  readonly device: string;
  readonly serial: string | null;
  readonly offsetMinutes: number;
  readonly zoneAssumed: boolean;
  readonly deviceRecords: unknown;
  readonly uploadedBy: string;
  readonly uploadedAt: number;
}

/** Keeps a file once; tells its id, the offset that it is read with, and whether it was there. */
export async function keepFile(
  transaction: OrganisationTransaction,
  file: LoggerFileRow,
): Promise<{ readonly id: number; readonly offsetMinutes: number; readonly repeated: boolean }> {
  const [added] = await transaction.query<{ id: number }>(
    `INSERT INTO logger_file (organisation_id, unit_id, name, sha256, content, format, device, serial, offset_minutes,
                              zone_assumed, device_records, uploaded_by, uploaded_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (organisation_id, unit_id, sha256) DO NOTHING RETURNING id`,
    [
      transaction.organisationId,
      file.unitId,
      file.name,
      file.sha256,
      file.content,
      file.format,
      file.device,
      file.serial,
      file.offsetMinutes,
      file.zoneAssumed,
      JSON.stringify(file.deviceRecords),
      file.uploadedBy,
      new Date(file.uploadedAt),
    ],
  );
  if (added !== undefined) return { id: added.id, offsetMinutes: file.offsetMinutes, repeated: false };
  const [known] = await transaction.query<{ id: number; offset_minutes: number }>(
    'SELECT id, offset_minutes FROM logger_file WHERE unit_id = $1 AND sha256 = $2',
    [file.unitId, file.sha256],
  );
  if (known === undefined) throw new Error('logger_file: neither added nor there');
  return { id: known.id, offsetMinutes: known.offset_minutes, repeated: true };
}

const FRAME_SPAN_MS = 24 * 3_600_000;

/** What is known of a logger in [from, to], ascending. */
export async function knownReadings(
  transaction: OrganisationTransaction,
  loggerId: number,
  from: number,
  to: number,
): Promise<Reading[]> {
  const rows = await transaction.query<StoredReadings>(
    `SELECT data, t0 AS at, milli_celsius AS "milliCelsius", humidity_permille AS "humidityPermille" FROM stored_reading
     WHERE logger = $1 AND t0 >= $2 AND t0 <= $4 AND t1 >= $3`,
    [loggerId, new Date(from - FRAME_SPAN_MS), new Date(from), new Date(to)],
  );
  return rows
    .flatMap((row) => readingsOfRow(row))
    .filter(({ at }) => at >= from && at <= to)
    .sort((one, other) => one.at - other.at);
}

/** Readings in one series of a file; they end with their day, as those of frames do. */
const MOST_IN_SERIES = 1000;

/** Stores a file's readings of one leg as series of its logger. */
export async function storeReadings(
  transaction: OrganisationTransaction,
  fileId: number,
  leg: Pick<OwnLegRow, 'logger_id'>,
  readings: readonly Reading[],
): Promise<void> {
  for (let from = 0; from < readings.length;) {
    const day = dayOf(readings[from]?.at ?? 0);
    let to = from + 1;
    while (to < readings.length && to - from < MOST_IN_SERIES && dayOf(readings[to]?.at ?? 0) === day) to++;
    const series = packSeries('file', readings.slice(from, to));
    await transaction.query('SELECT ensure_reading_partition($1::date)', [day]);
    await transaction.query(
      `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
       VALUES ($1::date, $2, $3, $4, 0, $5, $6, $7, $8, $9)`,
      [
        day,
        leg.logger_id,
        new Date(series.firstAt),
        new Date(series.lastAt),
        fileId,
        series.count,
        series.lowMilliCelsius,
        series.highMilliCelsius,
        series.data,
      ],
    );
    from = to;
  }
}

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);
