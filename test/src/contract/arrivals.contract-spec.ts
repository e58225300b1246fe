import { execFile, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningApi, startApi } from '@coldchain/api';
import { OPERATIONS } from '@coldchain/api-contract';
import { EntityDatabase } from '@coldchain/database';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import { stepAfter } from '@coldchain/telemetry';
import { repositoryRoot } from '../support/index.js';
import { FORMS, HOSTILE } from './hostile-messages.js';
import { connectGateway, eventually, frame, type IngestFixture, ingestFixture, readings } from './ingest-fixture.js';

const COLDCHAIN = join(repositoryRoot, 'apps/cli/bin/coldchain.js');
const keyOf = (slug: string): string => Buffer.from(slug.padEnd(32, '.')).toString('base64url');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');

interface Arrivals {
  readonly arrivals: readonly Readonly<Record<string, unknown>>[];
  readonly next: string;
}

describe('what arrives from gateways', () => {
  let fixture: IngestFixture;
  let database: EntityDatabase;
  let api: RunningApi;
  let folder: string;
  beforeAll(async () => {
    fixture = await ingestFixture();
    database = await EntityDatabase.open({ url: fixture.url, role: 'cct_api', applicationName: 'spec-api' });
    api = await startApi({
      database,
      configuration: {
        mode: 'development',
        ledger: 'embedded',
        demo: 'off',
        dataDir: '/nonexistent',
        httpHost: '127.0.0.1',
        httpPort: 0,
        verdictBoundMs: 60_000,
        accountRequestsPerMinute: 0,
      },
      logger: createLogger('api', 'silent'),
      clock: new SystemClock(),
      random: new SystemRandom(),
    });
    folder = mkdtempSync(join(tmpdir(), 'coldchain-arrivals-'));
    for (const slug of ['north', 'south']) {
      await fixture.owner.query(
        `INSERT INTO account (organisation_id, name, kind, roles, key_sha256)
         SELECT id, 'devices', 'machine', '{device-manager}', $2 FROM organisation WHERE slug = $1`,
        [slug, createHash('sha256').update(keyOf(slug)).digest()],
      );
    }
  });
  afterAll(async () => {
    await api.stop();
    await database.close();
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function arrivals(query: Readonly<Record<string, string>> = {}, slug = 'north'): Promise<Arrivals> {
    const response = await fetch(`${api.url}/v1/arrivals?${new URLSearchParams(query).toString()}`, {
      headers: { authorization: `Bearer ${keyOf(slug)}` },
    });
    expect(response.status).toBe(200);
    return OPERATIONS.listArrivals.answer.parse(await response.json());
  }
  const environment = (): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_'))),
    CCT_API_URL: api.url,
    CCT_API_KEY: keyOf('north'),
  });
  const coldchain = (...parameters: string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(process.execPath, [COLDCHAIN, ...parameters], { env: environment() }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(stderr));
      });
    });

  it('is told once each, in order, with what it says and why it was refused, to its organisation only', async () => {
    const gateway = await connectGateway(fixture);
    const other = await connectGateway(fixture, 'south/g1');
    const begin = await arrivals();
    expect(begin.arrivals).toEqual([]);
    const elsewhere = await arrivals({}, 'south');
    const now = Date.now();
    await gateway.publish('readings', frame('tail', 0, readings('L1', now - 600_000, 3)));
    await gateway.publish('readings', frame('tail', 1, readings('L2', now - 60_000, 1)));
    await gateway.publish('readings', '{"boot":"tail","seq":2,"r":[]}');
    await other.publish('readings', frame('tail', 0, readings('L9', now, 2)));
    const first = await eventually(async () => {
      const page = await arrivals({ after: begin.next });
      return page.arrivals.length === 3 ? page : undefined;
    });
    expect(first.arrivals.map(({ kind, boot, sequence }) => [kind, boot, sequence])).toEqual([
      ['stored', 'tail', 0],
      ['stored', 'tail', 1],
      ['refused', 'tail', 2],
    ]);
    expect(first.arrivals[0]).toMatchObject({
      gateway: 'g1',
      loggers: ['L1'],
      readings: 3,
      shiftMs: null,
      signed: false,
    });
    expect(first.arrivals[0]?.['lagMs']).toBeGreaterThan(400_000);
    expect(first.arrivals[2]).toMatchObject({ code: 'frame-empty', nextStep: expect.stringMatching(/at least one/) });
    expect((await arrivals({ after: first.next })).arrivals).toEqual([]);
    // Pages of one are the same list.
    const singly: unknown[] = [];
    for (let next = begin.next; ;) {
      const page = await arrivals({ after: next, limit: '1' });
      if (page.arrivals.length === 0) break;
      singly.push(...page.arrivals);
      next = page.next;
    }
    expect(singly).toEqual(first.arrivals);
    expect((await arrivals({ after: begin.next, gateway: 'g2' })).arrivals).toEqual([]);
    const theirs = await eventually(async () => {
      const page = await arrivals({ after: elsewhere.next }, 'south');
      return page.arrivals.length > 0 ? page : undefined;
    });
    expect(theirs.arrivals.map(({ gateway: name, loggers }) => [name, loggers])).toEqual([['g1', ['L9']]]);
    await Promise.all([gateway.close(), other.close()]);
  });

  it('is followed live by coldchain gateway tail, beginning with what was refused lately', async () => {
    const child = spawn(process.execPath, [COLDCHAIN, 'gateway', 'tail'], { env: environment() });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
    await eventually(() => (shown.includes('REFUSED frame-empty') ? true : undefined), 20_000);
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('live', 0, readings('L1', Date.now() - 60_000, 2)));
    await eventually(() => (/g1 live\/0 L1, 2 readings, lag /.test(shown) ? true : undefined), 20_000);
    await gateway.close();
    child.kill('SIGINT');
    const [status] = (await once(child, 'exit')) as [number | null];
    expect(status).toBe(0);
  }, 60_000);

  it('says of every hostile message why it was refused and what to do, and writes nothing to a terminal but text', async () => {
    const gateway = await connectGateway(fixture);
    const hostile = FORMS.filter((form) => form !== 'mapped').flatMap((form) => HOSTILE[form]);
    const codes = [...hostile.map(({ code }) => code), 'topic-not-allowed', 'status-too-large'];
    const child = spawn(process.execPath, [COLDCHAIN, 'gateway', 'tail', 'g1'], { env: environment() });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString('utf8')));
    await eventually(() => (shown.includes('REFUSED frame-empty') ? true : undefined), 20_000);
    const refusals = (): string[] => shown.split('\n').filter((line) => line.includes(' REFUSED '));
    const before = refusals().length;
    for (const { bytes } of hostile) await gateway.publish('readings', bytes);
    await gateway.client.publishAsync('coldchain/v1/south/g1/readings', '{}', { qos: 1 });
    await gateway.publish('status', Buffer.alloc(5_000, 0x20));
    await gateway.close();
    await eventually(() => (refusals().length >= before + codes.length ? true : undefined), 20_000);
    child.kill('SIGINT');
    await once(child, 'exit');
    const lines = refusals().slice(before);
    expect(lines).toHaveLength(codes.length);
    for (const [index, code] of codes.entries()) {
      expect(lines[index]).toContain(` REFUSED ${code} (`);
      expect(lines[index]).toContain(` bytes) – ${stepAfter(code)}`);
    }
    expect([...shown].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  }, 60_000);

  it('shows that a key was revoked: what it signs from then on is set aside', async () => {
    const file = join(folder, 'key.pem');
    writeFileSync(file, publicKey.export({ type: 'spki', format: 'pem' }));
    await coldchain('gateway', 'key', 'add', 'g2', 'k1', file);
    const gateway = await connectGateway(fixture, 'north/g2');
    const signed = (seq: number): Buffer => {
      const bytes = frame('signed', seq, readings('L3', Date.now() - 60_000, 2)).subarray(0, -1);
      return Buffer.concat([bytes, Buffer.from(`,"sig":"${sign(null, bytes, privateKey).toString('base64url')}"}`)]);
    };
    const { next } = await arrivals();
    // The registry is looked at anew every few seconds.
    await eventually(async () => {
      await gateway.publish('readings', signed(Date.now() % 1_000_000));
      const { arrivals: told } = await arrivals({ after: next, gateway: 'g2' });
      return told.some((arrival) => arrival['signed'] === true) ? true : undefined;
    }, 20_000);
    expect(await coldchain('gateway', 'key', 'list', 'g2')).toMatch(/^k1 Ed25519 since [^,]*\n$/);
    await coldchain('gateway', 'key', 'revoke', 'g2', 'k1');
    const again = await coldchain('gateway', 'key', 'revoke', 'g2', 'k1', '--json');
    expect(JSON.parse(again)).toMatchObject({ kid: 'k1', revokedAt: expect.any(String) });
    await eventually(async () => {
      await gateway.publish('readings', signed(Date.now() % 1_000_000));
      const { arrivals: told } = await arrivals({ after: next, gateway: 'g2' });
      return told.some((arrival) => arrival['code'] === 'signature-key-unknown') ? true : undefined;
    }, 20_000);
    await expect(coldchain('gateway', 'key', 'revoke', 'g2', 'k9')).rejects.toThrow(/not-found/);
    await gateway.close();
  }, 60_000);

  it('leaves what a list of gateways and loggers says: heard when, clock, missing, set aside, battery, also after a restart', async () => {
    const gateway = await connectGateway(fixture, 'north/plain');
    const now = Date.now();
    for (const seq of [0, 1, 1_500])
      await gateway.publish('readings', frame('one', seq, readings('B-1', now - 60_000, 1)));
    await gateway.publish('readings', frame('two', 3, readings('B-2', now - 60_000, 1)));
    await gateway.publish('readings', '{"boot":"one","seq":700,"r":[]}');
    await gateway.publish('readings', '{"boot":"one","seq":1,"r":[]}');
    await gateway.publish('readings', '{"boot":"one","seq":9000,"r":[]}');
    await gateway.publish('readings', 'none');
    const status = { state: 'online', time: now - 300_000, battery: 41.5, batteries: { 'B-1': 9, 'B-2': 'full' } };
    await gateway.publish('status', JSON.stringify(status));
    await gateway.close();
    // What is noted is written when it stops; a new process knows nothing by itself.
    await fixture.restart();
    const listed = async (path: 'gateways' | 'loggers'): Promise<readonly Readonly<Record<string, unknown>>[]> => {
      const headers = { authorization: `Bearer ${keyOf('north')}` };
      const body: unknown = await (await fetch(`${api.url}/v1/${path}`, { headers })).json();
      return path === 'gateways'
        ? OPERATIONS.listGateways.answer.parse(body).gateways
        : OPERATIONS.listLoggers.answer.parse(body).loggers;
    };
    const told = (await listed('gateways')).find(({ name }) => name === 'plain');
    expect(told).toMatchObject({
      batteryPercent: 41.5,
      // 2 to 1,499 without 700, and 0 to 2 of the other boot.
      missing: 1_497 + 3,
      rejected: 4,
      clockOffsetMs: expect.any(Number),
      status: { state: 'online' },
    });
    expect(told?.['clockOffsetMs']).toBeGreaterThanOrEqual(300_000);
    expect(Date.now() - Date.parse(String(told?.['lastSeenAt']))).toBeLessThan(60_000);
    const loggers = new Map((await listed('loggers')).map((logger) => [logger['serial'], logger]));
    expect(loggers.get('B-1')).toMatchObject({
      batteryPercent: 9,
      lastReadingAt: new Date(now - 60_000).toISOString(),
    });
    expect(loggers.get('B-2')).toMatchObject({ batteryPercent: null, clockOffsetMs: expect.any(Number) });
  }, 60_000);
});
