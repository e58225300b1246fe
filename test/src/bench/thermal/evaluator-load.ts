import { readFile } from 'node:fs/promises';
import { aggregateUnit, certifyBatch, publishProfile, registerBatch } from '@coldchain/custody';
import { Database } from '@coldchain/database';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import { packSeries, type Reading } from '@coldchain/telemetry';
import { carton, CustodyWorld, EXPIRY, GTIN, LOT, PROFILE, serials } from '../../contract/custody-world.js';
import { allVisible } from '../../support/all-visible.js';
import { startServer, stopServer } from '../../support/server-of-the-run.js';

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
const APPLICATION = 'thermal-bench';
/** Readings in a frame. */
const FRAME = 60;

interface Frame {
  readonly loggerId: number;
  readonly readings: readonly Reading[];
}

/** Units with a logger each, and an evaluator over PostgreSQL that works when it is told. */
export class EvaluatorLoad {
  /** Minutes that have been measured so far. */
  private measured = 0;
  private sequence = 0;

  private constructor(
    private readonly custody: CustodyWorld,
    private readonly ingest: Database,
    private readonly evaluator: Evaluator,
    private readonly loggers: readonly number[],
    private readonly releaseLock: () => void,
  ) {}

  static async open(units: number): Promise<EvaluatorLoad> {
    await startServer();
    const custody = await CustodyWorld.open();
    const ingest = Database.open({
      url: custody.url,
      role: 'cct_ingest',
      applicationName: APPLICATION,
      preparesStatements: true,
    });
    // Another one seems to be at work: this one looks only when told.
    const other = await ingest.pool.connect();
    await other.query(`SELECT pg_advisory_lock(hashtext('coldchain-evaluator'))`);
    const { clock, random } = custody;
    const logger = createLogger('bench', 'silent');
    const evaluator = startEvaluator({ database: ingest, clock, random, logger, pollMs: 3_600_000 });
    await custody.as('maker', (act) => publishProfile(act, { productName: 'Vaccine', profile: PROFILE }));
    const batch = { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, units) };
    await custody.as('maker', (act) => registerBatch(act, batch));
    await custody.as('maker', (act) => certifyBatch(act, { gtin: GTIN, lot: LOT }));
    for (let unit = 1; unit <= units; unit++) {
      await custody.logger('maker', `LOG-${unit}`);
      const packs = [{ gtin: GTIN, lot: LOT, serials: serials(unit, unit) }];
      await custody.as('maker', (act) =>
        aggregateUnit(act, { sscc: carton(unit), children: [], packs, logger: `LOG-${unit}` }),
      );
    }
    await custody.owner.query('UPDATE logger SET interval_ms = 60000');
    const ids = await custody.owner.query<{ id: number }>('SELECT id FROM logger ORDER BY id');
    return new EvaluatorLoad(
      custody,
      ingest,
      evaluator,
      ids.map(({ id }) => id),
      () => other.release(true),
    );
  }

  /**
   * Every unit measures so many minutes more; the evaluator works them off. Nothing late: all at once. Else day by day,
   * and so many of a hundred frames come a day late.
   * @returns readings per second of the evaluator's looks, per second of this process's processor time in them, and of its
   * and PostgreSQL's together (null where the system does not tell)
   */
  async drain(
    minutesPerLeg: number,
    latePercent: number,
  ): Promise<{
    readonly perSecond: number;
    readonly perProcessorSecond: number;
    readonly perSecondOfBoth: number | null;
  }> {
    const step = latePercent === 0 ? minutesPerLeg : DAY_MINUTES;
    let late: Frame[] = [];
    let ms = 0;
    let processorMs = 0;
    let databaseMs: number | null = 0;
    const work = async (): Promise<void> => {
      const took = await this.evaluated();
      ms += took.ms;
      processorMs += took.processorMs;
      databaseMs = databaseMs === null || took.databaseMs === null ? null : databaseMs + took.databaseMs;
    };
    for (let minute = 0; minute < minutesPerLeg; minute += step) {
      const frames = this.framesOf(Math.min(step, minutesPerLeg - minute));
      const isLate = (_: Frame, index: number): boolean => index % 100 < latePercent;
      await this.store([...late, ...frames.filter((frame, index) => !isLate(frame, index))]);
      late = frames.filter(isLate);
      await work();
    }
    if (late.length > 0) {
      await this.store(late);
      await work();
    }
    const readings = this.loggers.length * minutesPerLeg;
    return {
      perSecond: (readings * 1000) / ms,
      perProcessorSecond: (readings * 1000) / processorMs,
      perSecondOfBoth: databaseMs === null ? null : (readings * 1000) / (processorMs + databaseMs),
    };
  }

  async close(): Promise<void> {
    await this.evaluator.stop();
    this.releaseLock();
    await this.ingest.close();
    await this.custody.close();
    await stopServer();
  }

  private async evaluated(): Promise<{
    readonly ms: number;
    readonly processorMs: number;
    readonly databaseMs: number | null;
  }> {
    await allVisible(this.custody.owner);
    const servedBefore = await this.servedMs();
    const began = performance.now();
    const before = process.cpuUsage();
    await this.evaluator.runOnce();
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - began;
    const servedAfter = await this.servedMs();
    const databaseMs = servedBefore === null || servedAfter === null ? null : servedAfter - servedBefore;
    return { ms, processorMs: (user + system) / 1000, databaseMs };
  }

  /** Processor time of the server's processes for this evaluator so far, ms, in steps of 10; null but on Linux. */
  private async servedMs(): Promise<number | null> {
    const rows = await this.custody.owner.query<{ pid: number }>(
      'SELECT pid FROM pg_stat_activity WHERE application_name = $1',
      [APPLICATION],
    );
    let ms = 0;
    for (const { pid } of rows) {
      const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
      if (text === null) return null;
      // proc(5): after the name in brackets, utime and stime are the 12th and 13th field, in hundredths of a second.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      ms += 10 * (Number(fields[11]) + Number(fields[12]));
    }
    return ms;
  }

  /** Frames of all loggers for the next minutes: a fridge that swings, with a door that is open now and then. */
  private framesOf(minutes: number): Frame[] {
    const begun = Date.parse('2026-06-01T00:00:00Z');
    const frames: Frame[] = [];
    for (let from = this.measured; from < this.measured + minutes; from += FRAME) {
      for (const loggerId of this.loggers) {
        const readings = Array.from({ length: Math.min(FRAME, this.measured + minutes - from) }, (_, index) => {
          const minute = from + index;
          const door = (minute * 7 + loggerId) % 97 === 0 ? 4000 : 0;
          const milliCelsius = Math.round((5000 + 1500 * Math.sin(minute / 20) + door) / 100) * 100;
          return { at: begun + minute * MINUTE, milliCelsius, humidityPermille: null };
        });
        frames.push({ loggerId, readings });
      }
    }
    this.measured += minutes;
    this.custody.clock.advance(minutes * MINUTE);
    return frames;
  }

  private async store(frames: readonly Frame[]): Promise<void> {
    const series = frames.map(({ loggerId, readings }) => ({ loggerId, ...packSeries('LOG', readings) }));
    const days = series.map(({ firstAt }) => new Date(firstAt).toISOString().slice(0, 10));
    await this.ingest.asProcess(async (transaction) => {
      for (const day of new Set(days)) await transaction.query('SELECT ensure_reading_partition($1::date)', [day]);
      await transaction.query(
        `INSERT INTO reading_series (day, logger, t0, t1, stream, seq, n, lo, hi, data)
         SELECT d, l, a, b, 1, q, n, lo, hi, data
         FROM unnest($1::date[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::smallint[],
                     $7::integer[], $8::integer[], $9::bytea[]) AS s(d, l, a, b, q, n, lo, hi, data)`,
        [
          days,
          series.map(({ loggerId }) => loggerId),
          series.map(({ firstAt }) => new Date(firstAt)),
          series.map(({ lastAt }) => new Date(lastAt)),
          series.map(() => this.sequence++),
          series.map(({ count }) => count),
          series.map(({ lowMilliCelsius }) => lowMilliCelsius),
          series.map(({ highMilliCelsius }) => highMilliCelsius),
          series.map(({ data }) => data),
        ],
      );
    });
  }
}
