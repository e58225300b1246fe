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
import { Database, hashPassword } from '@coldchain/database';
import { mapLimit, sleep, SystemRandom } from '@coldchain/kernel';
import { eventually, frame, PASSWORD, readings, registerGateways, START, STORED } from '../contract/ingest-fixture.js';
import { freePort, type TestDatabase, testDatabase } from '../support/index.js';
import { startIngestProcess } from './ingest-process.js';

const GATEWAYS = 100;
const MINUTE = 60_000;
const READINGS = 5;
/** Frames of a day that was measured each minute. */
const BACKLOG = (24 * 60) / READINGS;
/** Each gateway measures so often while it is watched. */
const LIVE_EVERY_MS = 1_000;
const LIVE_FRAMES = 6;
/** The median of five rounds, each with and without; one round shows that it runs (`COLDCHAIN_TEST_ROUNDS`). */
const ROUNDS = Number(process.env['COLDCHAIN_TEST_ROUNDS'] ?? 5);

/** A gateway of the kit whose live frames are timed from being kept to their PUBACK, which comes after the COMMIT. */
class TimedGateway {
  readonly log: FrameLog;
  private readonly sender: FrameSender;
  private readonly uplink: TimedUplink;
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
    this.uplink = new TimedUplink(connect, (seq) => this.confirmed(seq));
    this.sender = new FrameSender({
      log: this.log,
      uplink: this.uplink,
      clock: new SystemGatewayClock(),
      random: new SystemRandom(),
      platformKey: null,
      wallAtStart: () => new Map(),
      note: () => undefined,
    });
  }

  /** Loses its connection, and has so many frames to tell when it is back. */
  fallBehind(frames: number): void {
    this.log.append(Array.from({ length: frames }, () => this.next()));
    this.uplink.cut();
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
  private listener: UplinkListener | null = null;

  constructor(
    private readonly uplink: Uplink,
    private readonly confirmed: (seq: number) => void,
  ) {
    super();
  }

  async connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null> {
    this.listener = listener;
    const connection = await this.uplink.connect(listener, signal);
    return connection === null ? null : new TimedConnection(connection, this.confirmed);
  }

  cut(): void {
    this.listener?.closed();
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
  let gateways: TimedGateway[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'coldchain-backlog-'));
  beforeAll(async () => {
    database = await testDatabase();
    owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
    const hash = await hashPassword(PASSWORD, new SystemRandom());
    await owner.query(
      `INSERT INTO gateway (organisation_id, name, password_hash)
       SELECT o.id, 'dock-' || n, $1 FROM organisation o, generate_series(1, $2) n WHERE o.slug = 'north'`,
      [hash, GATEWAYS],
    );
    const port = await freePort();
    url = `mqtt://127.0.0.1:${port}`;
    child = await startIngestProcess({ databaseUrl: database.url, dataDir, port });
  }, 120_000);
  afterAll(async () => {
    for (const gateway of gateways) await gateway.close();
    child.kill('SIGTERM');
    await owner.close();
    await database.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A live frame of each comes through: it is connected. So many at a time: a password takes its time the first time. */
  async function connected(atOnce: number): Promise<void> {
    await mapLimit(gateways, atOnce, async (gateway) => {
      gateway.measure();
      await eventually(() => (gateway.latencies.length > 0 ? true : undefined), 120_000);
      gateway.latencies = [];
    });
  }

  /** The live frames' latency while each gateway measures once a second, beginning at different moments. */
  async function watched(): Promise<{ p50: number; p99: number; count: number }> {
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
    const all = gateways.flatMap((gateway) => gateway.latencies.splice(0)).sort((one, other) => one - other);
    const quantile = (share: number): number => all[Math.floor(share * (all.length - 1))] ?? NaN;
    return { p50: quantile(0.5), p99: quantile(0.99), count: all.length };
  }

  it('do not starve their live frames: p99 is at most twice that without a backlog, and every frame is stored once', async () => {
    gateways = Array.from({ length: GATEWAYS }, (_, index) => new TimedGateway(url, `north/dock-${index + 1}`));
    for (const gateway of gateways) gateway.start();
    await connected(25);
    const waiting = (): number => gateways.reduce((sum, { log }) => sum + log.pending, 0);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const alone = await watched();
      for (const gateway of gateways) gateway.fallBehind(BACKLOG);
      await connected(GATEWAYS);
      const begin = waiting();
      const beside = await watched();
      // Only what was watched beside a backlog says something.
      expect(waiting()).toBeGreaterThan(0);
      ratios.push(beside.p99 / alone.p99);
      process.stderr.write(
        `live p50/p99 alone ${alone.p50.toFixed(1)}/${alone.p99.toFixed(1)} ms, beside a backlog ${beside.p50.toFixed(1)}/` +
          `${beside.p99.toFixed(1)} ms (${begin} frames waited at the begin, ${waiting()} at the end)\n`,
      );
      await eventually(() => (waiting() === 0 ? true : undefined), 300_000);
    }
    const [stored] = await owner.query<{ frames: number; numbers: number }>(
      `SELECT count(*) AS frames, count(DISTINCT (stream, seq)) AS numbers FROM ${STORED}`,
    );
    const frames = GATEWAYS * (1 + ROUNDS * (2 * LIVE_FRAMES + 1 + BACKLOG));
    expect(stored).toEqual({ frames, numbers: frames });
    const median = ratios.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)];
    expect(median).toBeLessThanOrEqual(2);
  }, 900_000);
});
