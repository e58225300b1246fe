import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MqttUplink } from '@coldchain/cli/gateway';
import {
  FrameLog,
  FrameSender,
  MemoryLogStorage,
  type NewFrame,
  SystemGatewayClock,
  type UpChannel,
  Uplink,
  UplinkConnection,
  type UplinkListener,
} from '@coldchain/gateway-kit';
import { Database, hashGatewayPassword } from '@coldchain/database';
import { mapLimit, sleep, SystemRandom } from '@coldchain/kernel';
import { eventually, frame, PASSWORD, readings, registerGateways, START, STORED } from '../contract/ingest-fixture.js';
import { freePort, type TestDatabase, testDatabase } from '../support/index.js';
import { startIngestProcess } from './ingest-process.js';

const GATEWAYS = 100;
const MINUTE = 60_000;
const READINGS = 10;
/** Frames of a backlog: of six hours, or of as many as `COLDCHAIN_TEST_BACKLOG_HOURS` says (24 for a day). */
const BACKLOG = (Number(process.env['COLDCHAIN_TEST_BACKLOG_HOURS'] ?? 6) * 60) / READINGS;
/** Each gateway measures so often while it is watched. */
const LIVE_EVERY_MS = 1_000;
const LIVE_FRAMES = 10;
const ROUNDS = 3;

/** A gateway of the kit whose live frames are timed from being kept to their PUBACK, which comes after the COMMIT. */
class TimedGateway {
  readonly log: FrameLog;
  private readonly sender: FrameSender;
  private readonly keptAt = new Map<number, number>();
  private readonly ending = new AbortController();
  private running: Promise<void> | undefined;
  /** ms of each live frame since the last time they were taken. */
  latencies: number[] = [];

  constructor(
    url: string,
    private readonly user: string,
  ) {
    this.log = FrameLog.open(new MemoryLogStorage(), { gateway: user, source: 'spec', startedAt: 0, boot: 'b' });
    const connect = new MqttUplink({ url, gateway: user, password: PASSWORD, note: () => undefined });
    this.sender = new FrameSender({
      log: this.log,
      uplink: new TimedUplink(connect, (seq) => this.confirmed(seq)),
      clock: new SystemGatewayClock(),
      random: new SystemRandom(),
      platformKey: null,
      wallAtStart: () => new Map(),
      note: () => undefined,
    });
  }

  /** Frames that waited before it is connected: they are backlog. */
  fall(behind: number): void {
    this.log.append(Array.from({ length: behind }, () => this.next()));
  }

  start(): void {
    this.running = this.sender.run(this.ending.signal);
  }

  measure(): void {
    this.keptAt.set(this.log.nextSeq, performance.now());
    this.sender.kept(this.log.append([this.next()]));
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.running;
  }

  private next(): NewFrame {
    return {
      payload: (boot, seq) => frame(boot, seq, readings(`L-${this.user}`, START + seq * READINGS * MINUTE, READINGS)),
      readings: READINGS,
      lastAt: 0,
    };
  }

  private confirmed(seq: number): void {
    const keptAt = this.keptAt.get(seq);
    if (keptAt === undefined) return;
    this.keptAt.delete(seq);
    this.latencies.push(performance.now() - keptAt);
  }
}

class TimedUplink extends Uplink {
  constructor(
    private readonly uplink: Uplink,
    private readonly confirmed: (seq: number) => void,
  ) {
    super();
  }

  async connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null> {
    const connection = await this.uplink.connect(listener, signal);
    return connection === null ? null : new TimedConnection(connection, this.confirmed);
  }
}

class TimedConnection extends UplinkConnection {
  constructor(
    private readonly connection: UplinkConnection,
    private readonly confirmed: (seq: number) => void,
  ) {
    super();
  }

  async publish(channel: UpChannel, payload: Buffer, retain: boolean): Promise<void> {
    await this.connection.publish(channel, payload, retain);
    if (channel === 'readings') this.confirmed((JSON.parse(payload.toString()) as { seq: number }).seq);
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

describe('100 gateways that come back with a backlog while they measure', () => {
  let database: TestDatabase;
  let owner: Database;
  let child: ChildProcess;
  let url: string;
  const dataDir = mkdtempSync(join(tmpdir(), 'coldchain-backlog-'));
  beforeAll(async () => {
    database = await testDatabase();
    owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
    const hash = await hashGatewayPassword(PASSWORD, new SystemRandom());
    for (let round = 0; round < ROUNDS; round++) {
      await owner.query(
        `INSERT INTO gateway (organisation_id, name, password_hash)
         SELECT o.id, kind || $2 || '-' || n, $1 FROM organisation o, generate_series(1, $3) n, unnest(ARRAY['live', 'back']) kind
         WHERE o.slug = 'north'`,
        [hash, String(round), GATEWAYS],
      );
    }
    const port = await freePort();
    url = `mqtt://127.0.0.1:${port}`;
    child = await startIngestProcess({ databaseUrl: database.url, dataDir, port });
  }, 120_000);
  afterAll(async () => {
    child.kill('SIGTERM');
    await owner.close();
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Gateways that are connected and quiet, each with so many frames to catch up. */
  async function connected(kind: string, behind: number): Promise<TimedGateway[]> {
    const gateways = Array.from(
      { length: GATEWAYS },
      (_, index) => new TimedGateway(url, `north/${kind}-${index + 1}`),
    );
    await mapLimit(gateways, 10, async (gateway) => {
      gateway.fall(behind);
      gateway.start();
      // One frame through: password checked, connection made.
      gateway.measure();
      await eventually(() => (gateway.latencies.length > 0 ? true : undefined), 60_000);
      gateway.latencies = [];
    });
    return gateways;
  }

  /** The live frames' latency while each gateway measures once a second, beginning at different moments. */
  async function watched(gateways: readonly TimedGateway[]): Promise<{ p50: number; p99: number; count: number }> {
    await Promise.all(
      gateways.map(async (gateway, index) => {
        await sleep((index / gateways.length) * LIVE_EVERY_MS);
        for (let frames = 0; frames < LIVE_FRAMES; frames++) {
          gateway.measure();
          await sleep(LIVE_EVERY_MS);
        }
      }),
    );
    await eventually(
      () => (gateways.every(({ latencies }) => latencies.length === LIVE_FRAMES) ? true : undefined),
      60_000,
    );
    const all = gateways.flatMap(({ latencies }) => latencies).sort((one, other) => one - other);
    const quantile = (share: number): number => all[Math.floor(share * (all.length - 1))] ?? NaN;
    return { p50: quantile(0.5), p99: quantile(0.99), count: all.length };
  }

  it('do not starve their live frames: p99 is at most twice that without a backlog, and every frame is stored once', async () => {
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await connected(`live${round}`, 0);
      const without = await watched(alone);
      for (const gateway of alone) await gateway.close();
      const behind = await connected(`back${round}`, BACKLOG);
      const waiting = behind.reduce((sum, { log }) => sum + log.pending, 0);
      const beside = await watched(behind);
      const left = behind.reduce((sum, { log }) => sum + log.pending, 0);
      ratios.push(beside.p99 / without.p99);
      process.stderr.write(
        `live p50/p99 alone ${without.p50.toFixed(1)}/${without.p99.toFixed(1)} ms, beside a backlog ` +
          `${beside.p50.toFixed(1)}/${beside.p99.toFixed(1)} ms (${waiting} frames waited at the begin, ${left} at the end)\n`,
      );
      await eventually(() => (behind.every(({ log }) => log.pending === 0) ? true : undefined), 300_000);
      for (const gateway of behind) await gateway.close();
    }
    const [stored] = await owner.query<{ frames: number; numbers: number }>(
      `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers FROM ${STORED}`,
    );
    const frames = ROUNDS * GATEWAYS * (2 * (LIVE_FRAMES + 1) + BACKLOG);
    expect(stored).toEqual({ frames, numbers: frames });
    const median = ratios.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)];
    expect(median).toBeLessThanOrEqual(2);
  }, 900_000);
});
