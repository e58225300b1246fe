import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Role } from '@coldchain/api-contract';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { Database } from '@coldchain/database';
import { glnOf } from '@coldchain/gs1';
import { type Evaluator, startEvaluator } from '@coldchain/iot-ingest/evaluate';
import { createLogger } from '@coldchain/runtime';
import type { Reading } from '@coldchain/telemetry';
import { allVisible, repositoryRoot } from '../support/index.js';
import { ApiWorld, keyOf } from './api-world.js';
import { type Actor, GTIN, LOT, serials } from './custody-world.js';
import { storeSeries } from './stored-series.js';

export const INTERVAL_MS = 300_000;
const COLDCHAIN = join(repositoryRoot, 'apps/cli/bin/coldchain.js');

/** What loggers measure while time passes: °C, the same all the time or by the minutes that have passed. */
export type Measured = Readonly<Record<string, number | ((minute: number) => number)>>;

/** An API world with loggers, places and packaging of the maker, and an evaluator that looks only when told. */
export class EvidenceWorld {
  private sequence = 0;

  private constructor(
    readonly api: ApiWorld,
    readonly ingest: Database,
    private readonly evaluator: Evaluator,
    private readonly releaseLock: () => void,
  ) {}

  static async open(
    evidence: ProductProfile['evidence'],
    members: Partial<ProductProfile> = {},
  ): Promise<EvidenceWorld> {
    const api = await ApiWorld.open();
    const { url, clock, random } = api.custody;
    const ingest = Database.open({
      url,
      role: 'cct_ingest',
      applicationName: 'evidence-world',
      preparesStatements: true,
    });
    // Another one seems to be at work: this one follows nothing by itself and looks only when told.
    const other = await ingest.pool.connect();
    await other.query(`SELECT pg_advisory_lock(hashtext('coldchain-evaluator'))`);
    const logger = createLogger('spec', 'silent');
    const evaluator = startEvaluator({ database: ingest, clock, random, logger, pollMs: 3_600_000 });
    await api.certifiedBatch(evidence, members);
    const world = new EvidenceWorld(api, ingest, evaluator, () => other.release(true));
    for (const serial of ['L1', 'L2', 'ROOM', 'VAN']) {
      await api.expect(201, 'registerLogger', { role: 'device-manager', body: { serial, intervalMs: INTERVAL_MS } });
    }
    for (const [name, extension] of [
      ['cold-room', 'ROOM1'],
      ['shelf', 'ROOM2'],
    ] as const) {
      await world.place(name, { kind: 'location', gln: glnOf('9520001', 1), extension });
    }
    await world.place('van', { kind: 'vehicle', giai: '9520001VAN7' });
    await api.expect(201, 'registerPackaging', {
      role: 'quality',
      body: {
        name: 'box-24h',
        qualifiedMs: 24 * 3_600_000,
        minMilliCelsius: 2_000,
        maxMilliCelsius: 8_000,
        certificate: 'OQ-1',
      },
    });
    return world;
  }

  async place(name: string, identifier: object, as: Actor = 'maker'): Promise<void> {
    await this.api.expect(201, 'registerPlace', { as, role: 'device-manager', body: { name, identifier } });
  }

  assign(place: string, logger: string): Promise<unknown> {
    return this.api.expect(201, 'assignPlaceLogger', {
      role: 'device-manager',
      params: { place },
      body: { logger },
    });
  }

  /** Packs S`from` to S`to` into a new unit. */
  async pack(sscc: string, from: number, to: number, more: Record<string, unknown> = {}): Promise<void> {
    await this.api.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: { sscc, packs: [{ gtin: GTIN, lot: LOT, serials: serials(from, to) }], ...more },
    });
  }

  enter(place: string, ...ssccs: readonly string[]): Promise<unknown> {
    return this.api.expect(201, 'enterPlace', { role: 'shipper', params: { place }, body: { ssccs } });
  }

  /** An act at a place that is captured so long after it was. */
  late(operation: 'enterPlace' | 'leavePlace', place: string, sscc: string, lateMs: number): Promise<unknown> {
    const eventTime = new Date(this.api.custody.clock.now() - lateMs).toISOString();
    return this.api.expect(201, operation, { role: 'shipper', params: { place }, body: { ssccs: [sscc], eventTime } });
  }

  leave(place: string, ...ssccs: readonly string[]): Promise<unknown> {
    return this.api.expect(201, 'leavePlace', { role: 'shipper', params: { place }, body: { ssccs } });
  }

  bind(sscc: string, logger: string): Promise<unknown> {
    return this.api.expect(201, 'bindLogger', { role: 'shipper', params: { sscc }, body: { logger } });
  }

  unbind(sscc: string, logger: string): Promise<unknown> {
    return this.api.expect(200, 'unbindLogger', { role: 'shipper', params: { sscc, logger } });
  }

  /** Time passes, and loggers measure every five minutes from now on up to its end; what they measured arrives then. */
  async pass(durationMs: number, measured: Measured = {}): Promise<void> {
    const { clock } = this.api.custody;
    const begun = clock.now();
    clock.advance(durationMs);
    for (const [logger, celsius] of Object.entries(measured)) {
      const readings: Reading[] = [];
      for (let at = begun; at <= begun + durationMs; at += INTERVAL_MS) {
        const value = typeof celsius === 'number' ? celsius : celsius((at - begun) / 60_000);
        readings.push({ at, milliCelsius: Math.round(value * 1000), humidityPermille: null });
      }
      await this.store(logger, readings);
    }
  }

  /** Stores readings of a logger as ingest would. */
  async store(serial: string, readings: readonly Reading[]): Promise<void> {
    await storeSeries(this.api.custody.owner, serial, readings, this.sequence++);
  }

  /** One look of the evaluator, when it can see all that was written. */
  async evaluate(): Promise<number> {
    await allVisible(this.api.custody.owner);
    return this.evaluator.runOnce();
  }

  /** The verdict of a unit when all is evaluated and anchored. */
  async verdict(sscc: string, as: Actor = 'maker'): Promise<string> {
    await this.evaluate();
    await this.api.anchorAll();
    return this.api.verdict(`(00)${sscc}`, as);
  }

  /** All that evaluations have left behind. */
  async evaluated(): Promise<unknown> {
    const { owner } = this.api.custody;
    return {
      legs: await owner.query(
        `SELECT id, state, duration_ms, gap_ms, doubted, vouched_ms, readings, coldest_milli_celsius, hottest_milli_celsius,
                exposures, holds_until, tail, vouched, sources FROM leg ORDER BY id`,
      ),
      excursions: await owner.query(
        `SELECT leg_id, profile, rule, opened_at, closed_at, duration_ms, extreme_milli_celsius, assumed, responsibility
         FROM excursion ORDER BY leg_id, opened_at, rule`,
      ),
      disagreements: await owner.query('SELECT * FROM leg_disagreement ORDER BY leg_id, opened_at'),
    };
  }

  /** Throws away every state and evaluates all legs from their readings. */
  async recompute(): Promise<void> {
    const { owner } = this.api.custody;
    await owner.query('UPDATE leg SET state = NULL, sources = NULL');
    await owner.query('DELETE FROM leg_checkpoint');
    await owner.query('DELETE FROM excursion');
    await owner.query('DELETE FROM leg_disagreement');
    for (let round = 0; round < 2; round++) {
      await owner.query('INSERT INTO leg_change (leg_id) SELECT id FROM leg');
      await this.evaluate();
    }
  }

  /** The command line as an account of an organisation: its exit status and what it printed. */
  cli(role: Role, ...parameters: readonly string[]): Promise<{ readonly status: number; readonly out: string }> {
    const environment = { CCT_API_URL: this.api.api.url, CCT_API_KEY: keyOf('maker', role) };
    return new Promise((resolve) => {
      execFile(process.execPath, [COLDCHAIN, ...parameters], { env: environment }, (error, out, err) => {
        resolve({ status: error === null ? 0 : Number(error.code), out: out === '' ? err : out });
      });
    });
  }

  async close(): Promise<void> {
    await this.evaluator.stop();
    this.releaseLock();
    await this.ingest.close();
    await this.api.close();
  }
}
