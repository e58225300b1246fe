import { aggregateUnit, certifyBatch, publishProfile, registerBatch } from '@coldchain/custody';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { Database } from '@coldchain/database';
import { type Evaluator, type EvaluatorOptions, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import type { Reading } from '@coldchain/telemetry';
import { allVisible } from '../support/index.js';
import { carton, CustodyWorld, EXPIRY, GTIN, HOUR_MS, LOT, PROFILE, serials } from './custody-world.js';
import { storeSeries } from './stored-series.js';

const INTERVAL_MS = 300_000;

/** A carton of the maker with the logger `LOG-1`, and an evaluator that looks only when told. */
export class EvaluatorWorld {
  private sequence = 0;

  private constructor(
    readonly custody: CustodyWorld,
    readonly ingest: Database,
    private readonly evaluator: Evaluator,
    private readonly releaseLock: () => void,
  ) {}

  /** @param through what the evaluator's database is seen through */
  static async open(
    profile: ProductProfile = PROFILE,
    through: (database: Database) => EvaluatorOptions['database'] = (database) => database,
  ): Promise<EvaluatorWorld> {
    const custody = await CustodyWorld.open();
    const ingest = Database.open({
      url: custody.url,
      role: 'cct_ingest',
      applicationName: 'evaluator-spec',
      preparesStatements: true,
    });
    const { clock, random } = custody;
    const logger = createLogger('spec', 'silent');
    // Another one seems to be at work: this one follows nothing by itself and looks only when told.
    const other = await ingest.pool.connect();
    await other.query(`SELECT pg_advisory_lock(hashtext('coldchain-evaluator'))`);
    const evaluator = startEvaluator({ database: through(ingest), clock, random, logger, pollMs: 3_600_000 });
    await custody.as('maker', (context) => publishProfile(context, { productName: 'Vaccine', profile }));
    await custody.as('maker', (context) =>
      registerBatch(context, { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 10) }),
    );
    await custody.as('maker', (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
    await custody.logger('maker', 'LOG-1');
    await custody.as('maker', (context) =>
      aggregateUnit(context, {
        sscc: carton(1),
        children: [],
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 10) }],
        logger: 'LOG-1',
      }),
    );
    return new EvaluatorWorld(custody, ingest, evaluator, () => other.release(true));
  }

  /** One look of the evaluator, when it can see all that was written. */
  async evaluate(): Promise<number> {
    await allVisible(this.custody.owner);
    return this.evaluator.runOnce();
  }

  /** A look now, whatever is still open. */
  look(): Promise<number> {
    return this.evaluator.runOnce();
  }

  /** Stores one series of a logger as ingest would: `celsius(hour)` every five minutes in [from, to) hours. */
  async measure(fromHour: number, toHour: number, celsius: (hour: number) => number, logger = 'LOG-1'): Promise<void> {
    const start = Date.parse('2026-06-01T00:00:00Z');
    const readings: Reading[] = [];
    for (let at = start + fromHour * HOUR_MS; at < start + toHour * HOUR_MS; at += INTERVAL_MS) {
      readings.push({ at, milliCelsius: Math.round(celsius((at - start) / HOUR_MS) * 1000), humidityPermille: null });
    }
    await this.ingest.asProcess((transaction) => storeSeries(transaction, logger, readings, this.sequence++));
  }

  async close(): Promise<void> {
    await this.evaluator.stop();
    this.releaseLock();
    await this.ingest.close();
    await this.custody.close();
  }
}
