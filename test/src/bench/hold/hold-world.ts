import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import {
  type ActContext,
  type ActingOrganisation,
  aggregateUnit,
  certifyBatch,
  publishProfile,
  registerBatch,
} from '@coldchain/custody';
import { Database, hashPassword } from '@coldchain/database';
import { glnOf, gtinOf, parseLocalDate, parseLot, parseSerial, ssccOf } from '@coldchain/gs1';
import { sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { repositoryRoot } from '../../support/repository.js';
import { BENCH_PASSWORD, type IngestProcess, IngestWorld, stopIngest } from '../ingest/ingest-world.js';
import { RawPublisher } from '../ingest/raw-publisher.js';
import { MAKER, REGULATOR, WHOLESALER } from '../ledger/custody-acts.js';

const GTIN = gtinOf('9521234', 2);
const LOT = parseLot('HOLD');
const BETWEEN_LOOKS_MS = 20;
/** A bench that waits so long has lost something. */
const PATIENCE_MS = 300_000;

/** One reading above 8 °C is too much. */
const PROFILE: ProductProfile = {
  gtin: GTIN,
  version: 1,
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 0, activation: 'instant' }],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: 86_400_000, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

/**
 * Broker and evaluator in one process, the ledger worker in another, a durable PostgreSQL, and units that are each watched
 * by a logger: what a reading passes on its way to a hold.
 */
export class HoldWorld {
  private readonly clock = new SystemClock();
  private readonly random = new SystemRandom();
  private sequence = 0;
  private warmed = 0;

  private constructor(
    private readonly world: IngestWorld,
    private readonly api: Database,
    private readonly maker: ActingOrganisation,
    private readonly worker: ChildProcess,
    private readonly ingest: IngestProcess,
    private readonly publisher: RawPublisher,
  ) {}

  /**
   * @param port for the embedded broker
   * @param ledger settings of the ledger worker
   */
  static async open(port: number, ledger: Readonly<Record<string, string>>): Promise<HoldWorld> {
    const world = await IngestWorld.open(1);
    const maker = await makeParties(world.owner);
    const api = Database.open({ url: world.databaseUrl, role: 'cct_api', applicationName: 'bench' });
    const worker = startWorker(world, ledger);
    const ingest = await world.ingest({ CCT_MQTT_PORT: String(port) });
    const publisher = await RawPublisher.connect(port, 'maker/hold', BENCH_PASSWORD, 100);
    return new HoldWorld(world, api, maker, worker, ingest, publisher);
  }

  get owner(): Database {
    return this.world.owner;
  }

  /** Processes whose time is spent on a hold. */
  get processes(): readonly number[] {
    return [this.worker.pid ?? 0, this.ingest.child.pid ?? 0];
  }

  /** Units 1 to `count` on the ledger, each with its logger and one reading within the limits. */
  async prepare(count: number): Promise<void> {
    const eventTime = this.clock.now() - 60_000;
    const serial = (unit: number) => parseSerial(`S${unit}`);
    const units = Array.from({ length: count }, (_, index) => index + 1);
    await this.owner.query(
      `INSERT INTO logger (organisation_id, serial, interval_ms, registered)
       SELECT $1, 'L' || i, 60000, true FROM generate_series(1, $2) i`,
      [this.maker.id, count],
    );
    await this.act(eventTime, (context) => publishProfile(context, { productName: 'Vaccine', profile: PROFILE }));
    const expiry = parseLocalDate('2099-12-31');
    await this.act(eventTime, (context) =>
      registerBatch(context, { gtin: GTIN, lot: LOT, expiry, profileVersion: 1, serials: units.map(serial) }),
    );
    await this.act(eventTime + 1, (context) => certifyBatch(context, { gtin: GTIN, lot: LOT }));
    for (const unit of units) {
      await this.act(eventTime + 2, (context) =>
        aggregateUnit(context, {
          sscc: ssccOf('9521234', unit),
          children: [],
          packs: [{ gtin: GTIN, lot: LOT, serials: [serial(unit)] }],
          logger: `L${unit}`,
        }),
      );
    }
    for (const unit of units) await this.publish(unit, 5);
    await this.publisher.settled();
    await this.settled();
    await this.until(
      `SELECT count(*) >= ${count} AS done FROM leg WHERE evaluated_to IS NOT NULL`,
      'the first readings were not evaluated',
    );
  }

  /**
   * The next unit becomes too warm.
   * @returns ms from PUBLISH to the time at which the worker had seen the hold in a valid block
   */
  async hold(): Promise<number> {
    const unit = ++this.warmed;
    const publishedAt = Date.now();
    await this.publish(unit, 9.5);
    const began = performance.now();
    for (;;) {
      const [row] = await this.owner.query<{ settled_at: Date; state: string }>(
        `SELECT o.settled_at, o.state FROM outbox o
         JOIN unit u ON u.unit_key = ANY(o.object_keys)
         WHERE u.sscc = $1 AND o.command = 'recordExposure' AND o.priority = 0 AND o.settled_at IS NOT NULL`,
        [ssccOf('9521234', unit)],
      );
      if (row !== undefined) {
        if (row.state !== 'committed') throw new Error(`the exposure of unit ${unit} is ${row.state}`);
        await this.isHeld(unit);
        return row.settled_at.getTime() - publishedAt;
      }
      if (performance.now() - began > PATIENCE_MS) throw new Error(`unit ${unit} was never held`);
      await sleep(BETWEEN_LOOKS_MS);
    }
  }

  /** Waits until nothing is on its way to the ledger. */
  settled(): Promise<void> {
    return this.until(
      `SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE state IN ('pending', 'submitted')) AS done`,
      'the outbox was never empty',
    );
  }

  async close(): Promise<void> {
    this.publisher.close();
    await stopIngest(this.ingest);
    await ended(this.worker);
    await this.api.close();
    await this.world.close();
  }

  private act(eventTime: number, work: (context: ActContext) => Promise<unknown>): Promise<unknown> {
    return this.api.withOrganisation(this.maker.id, (transaction) =>
      work({ transaction, organisation: this.maker, clock: this.clock, random: this.random, eventTime }),
    );
  }

  private async publish(unit: number, celsius: number): Promise<void> {
    const reading = `{"d":"L${unit}","t":${Date.now()},"c":${celsius},"boot":"bench","seq":${this.sequence++}}`;
    await this.publisher.enqueue('coldchain/v1/maker/hold/readings', Buffer.from(reading));
  }

  /** What is measured must be what is claimed: the ledger's own state of the unit, once projected, has a thermal hold. */
  private isHeld(unit: number): Promise<void> {
    return this.until(
      `SELECT l.state -> 'holds' @> '[{"kind": "thermal"}]' AS done FROM ledger_object l
       JOIN unit u ON u.unit_key = l.object_key
       WHERE l.object_type = 'unit' AND u.sscc = '${ssccOf('9521234', unit)}'`,
      `unit ${unit} is not held on the ledger`,
    );
  }

  private async until(sql: string, otherwise: string): Promise<void> {
    const began = performance.now();
    for (;;) {
      const [row] = await this.owner.query<{ done: boolean }>(sql);
      if (row?.done === true) return;
      if (performance.now() - began > PATIENCE_MS) throw new Error(otherwise);
      await sleep(BETWEEN_LOOKS_MS * 5);
    }
  }
}

/** The organisations, a gateway of the maker, and what registers them on the ledger. */
async function makeParties(owner: Database): Promise<ActingOrganisation> {
  const gln = glnOf('9521234', 1);
  const parties = [
    { slug: 'authority', party: REGULATOR, roles: ['regulator'], prefixes: [] },
    { slug: 'maker', party: MAKER, roles: ['manufacturer'], prefixes: ['9521234'] },
    { slug: 'wholesaler', party: WHOLESALER, roles: ['distributor'], prefixes: [] },
  ];
  for (const { slug, party, roles, prefixes } of parties) {
    await owner.query(
      `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served) VALUES ($1, $1, $2, $3, $4, $5, true)`,
      [slug, party, gln, prefixes, roles],
    );
    if (party === REGULATOR) continue;
    await owner.query(
      `INSERT INTO outbox (signing_party, command, payload, object_keys) VALUES ($1, 'registerParty', $2, $3)`,
      [REGULATOR, JSON.stringify({ party, roles, prefixes }), [`party:${party}`]],
    );
    // Acts are judged by what the ledger will hold.
    await owner.query(`INSERT INTO expected_object (object_type, object_key, state) VALUES ('party', $1, $2)`, [
      party,
      JSON.stringify({ party, roles, prefixes, state: 'authorised' }),
    ]);
  }
  const [row] = await owner.query<{ id: number }>(`SELECT id FROM organisation WHERE slug = 'maker'`);
  if (row === undefined) throw new Error('no maker');
  await owner.query(`INSERT INTO gateway (organisation_id, name, password_hash) VALUES ($1, 'hold', $2)`, [
    row.id,
    await hashPassword(BENCH_PASSWORD, new SystemRandom()),
  ]);
  return { id: row.id, slug: 'maker', party: MAKER, gln };
}

function startWorker(world: IngestWorld, ledger: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [join(repositoryRoot, 'apps', 'ledger-worker', 'dist', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      CCT_DATABASE_URL: world.databaseUrl,
      CCT_DATA_DIR: world.folder,
      CCT_LEDGER_KEYS_DIR: join(world.folder, 'ledger-keys'),
      CCT_LOG_LEVEL: 'error',
      // It ends with us, however that is.
      CCT_PARENT_PIPE: '1',
      ...ledger,
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
}

async function ended(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  await exit;
}
