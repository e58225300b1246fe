import { Database, hashPassword } from '@coldchain/database';
import { AlarmWatch } from '@coldchain/iot-ingest/alarms';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import type { Reading } from '@coldchain/telemetry';
import { allVisible } from '../support/index.js';
import { type Answered, ApiWorld } from './api-world.js';
import type { Actor } from './custody-world.js';
import { storeSeries } from './stored-series.js';

const INTERVAL_MS = 300_000;
const MINUTE_MS = 60_000;

/** The password of every person in these specs who may sign. */
export const PASSWORD = 'correct horse battery';

/** An API over custody, and an evaluator that looks only when told. */
export class CasesWorld {
  private sequence = 0;

  private constructor(
    readonly api: ApiWorld,
    private readonly ingest: Database,
    private readonly evaluator: Evaluator,
    private readonly watch: AlarmWatch,
    private readonly releaseLock: () => void,
  ) {}

  static async open(): Promise<CasesWorld> {
    const api = await ApiWorld.open();
    const { custody } = api;
    const ingest = Database.open({ url: custody.url, role: 'cct_ingest', applicationName: 'cases-spec' });
    const { clock, random } = custody;
    const logger = createLogger('spec', 'silent');
    // Another one seems to be at work: this one follows nothing by itself and looks only when told.
    const other = await ingest.pool.connect();
    await other.query(`SELECT pg_advisory_lock(hashtext('coldchain-evaluator'))`);
    const evaluator = startEvaluator({ database: ingest, clock, random, logger, pollMs: 3_600_000 });
    const watch = new AlarmWatch({ database: ingest, clock, logger });
    await custody.owner.query(
      `INSERT INTO account_password (account_id, password_hash, changed_at)
       SELECT id, $1, now() FROM account WHERE 'responsible-person' = ANY(roles)`,
      [await hashPassword(PASSWORD, random)],
    );
    return new CasesWorld(api, ingest, evaluator, watch, () => other.release(true));
  }

  /** Readings of a logger every five minutes from now on; the clock moves to their end. All is evaluated then. */
  async measure(logger: string, minutes: number, celsius: number): Promise<void> {
    const { clock } = this.api.custody;
    const from = clock.now();
    clock.advance(minutes * MINUTE_MS);
    await this.store(logger, from, minutes, celsius);
    await this.evaluate();
  }

  /** Readings of an earlier time that arrive now. */
  async arriveLate(logger: string, from: number, minutes: number, celsius: number): Promise<void> {
    await this.store(logger, from, minutes, celsius);
    await this.evaluate();
  }

  async evaluate(): Promise<void> {
    await allVisible(this.api.custody.owner);
    await this.evaluator.runOnce();
    await this.api.anchorAll();
  }

  /** One look of the alarms that depend on the clock. */
  look(): Promise<void> {
    return this.watch.look();
  }

  /** The only case that an organisation sees, as it is shown. */
  async theCase(as: Actor): Promise<Record<string, unknown> & { readonly id: number; readonly digest: string }> {
    const { body } = await this.api.expect(200, 'listCases', { as, query: { state: 'all' } });
    const [summary, ...others] = body['cases'] as { readonly id: number }[];
    if (summary === undefined || others.length > 0) throw new Error(`${as} sees ${JSON.stringify(body)}`);
    const answered = await this.api.expect(200, 'getCase', { as, params: { case: String(summary.id) } });
    return answered.body as Record<string, unknown> & { readonly id: number; readonly digest: string };
  }

  /** The case of an organisation's own hands, as another one sees it. */
  async caseOf(as: Actor, organisation: Actor): Promise<Record<string, unknown> & { readonly id: number }> {
    const { body } = await this.api.expect(200, 'listCases', { as, query: { state: 'all' } });
    const cases = body['cases'] as { readonly id: number; readonly organisation: string }[];
    const found = cases.find((one) => one.organisation === organisation);
    if (found === undefined) throw new Error(`${as} sees ${JSON.stringify(body)}`);
    const answered = await this.api.expect(200, 'getCase', { as, params: { case: String(found.id) } });
    return answered.body as Record<string, unknown> & { readonly id: number };
  }

  /** A decision of an organisation's Responsible Person on what the case says now, unless told otherwise. */
  async decide(
    as: Actor,
    decision: 'release' | 'reject',
    change: { readonly shown?: string; readonly password?: string } = {},
  ): Promise<Answered> {
    const { id, digest } = await this.theCase(as);
    this.api.custody.clock.advance(1000);
    return this.api.call('decideCase', {
      as,
      role: 'responsible-person',
      params: { case: String(id) },
      body: { decision, reason: 'as assessed', shown: digest, password: PASSWORD, ...change },
    });
  }

  async close(): Promise<void> {
    await this.evaluator.stop();
    this.releaseLock();
    await this.ingest.close();
    await this.api.close();
  }

  private async store(logger: string, from: number, minutes: number, celsius: number): Promise<void> {
    const readings: Reading[] = [];
    for (let at = from; at < from + minutes * MINUTE_MS; at += INTERVAL_MS) {
      readings.push({ at, milliCelsius: Math.round(celsius * 1000), humidityPermille: null });
    }
    await this.ingest.asProcess((transaction) => storeSeries(transaction, logger, readings, this.sequence++));
  }
}
