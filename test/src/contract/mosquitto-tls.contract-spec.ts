import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Database } from '@coldchain/database';
import mqtt, { type MqttClient } from 'mqtt';
import { type BrokerSettings, startIngestProcess } from '../faults/ingest-process.js';
import { type Credential, SpecAuthority } from '../support/certificates.js';
import {
  describeWithProgram,
  freePort,
  Mosquitto,
  MOSQUITTO,
  type TestDatabase,
  testDatabase,
} from '../support/index.js';
import { count, eventually, frame, registerGateways, STORED } from './ingest-fixture.js';

const DAY = 86_400_000;
const from = (days: number): Date => new Date(Date.now() + days * DAY);
const VALID = { notBefore: from(-2), notAfter: from(30) };
const EXPIRED = { notBefore: from(-30), notAfter: from(-1) };

const CLIENTS = [
  ['packets', '5'],
  ['packets', '3.1.1'],
  ['mqtt.js', '5'],
] as const;

describeWithProgram(MOSQUITTO, 'mosquitto', 'a real Mosquitto with TLS', () => {
  const ours = new SpecAuthority('authority of the spec', VALID.notBefore, VALID.notAfter);
  const others = new SpecAuthority('authority of somebody else', VALID.notBefore, VALID.notAfter);
  const folder = mkdtempSync(join(tmpdir(), 'coldchain-tls-'));
  const authorities = join(folder, 'authorities.pem');
  let database: TestDatabase;
  let owner: Database;
  let broker: Mosquitto | undefined;
  let gateway: MqttClient | undefined;
  let child: ChildProcess | undefined;
  let log: string[] = [];
  beforeAll(() => {
    // Started by root, the broker reads as a user of its own.
    chmodSync(folder, 0o755);
    writeFileSync(authorities, ours.certificate);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    database = await testDatabase();
    owner = Database.open({ url: database.url, role: null, applicationName: 'spec' });
    await registerGateways(owner);
    log = [];
  });
  afterEach(async () => {
    await gateway?.endAsync(true);
    if (child?.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await broker?.close();
    await owner.close();
    await database.close();
    [gateway, child, broker] = [undefined, undefined, undefined];
  });

  /** A broker with this certificate on a second port, an ingest that connects there, and a gateway at the open port. */
  async function start(shown: Credential, how: Omit<BrokerSettings, 'url' | 'authorities'>): Promise<void> {
    const port = await freePort();
    const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
    writeFileSync(certificate, shown.certificate);
    writeFileSync(key, shown.key, { mode: 0o644 });
    broker = await Mosquitto.start([`listener ${port} 127.0.0.1`, `certfile ${certificate}`, `keyfile ${key}`]);
    gateway = await mqtt.connectAsync(broker.url, { protocolVersion: 4 });
    child = await startIngestProcess({
      databaseUrl: database.url,
      dataDir: folder,
      port: await freePort(),
      broker: { url: `mqtts://localhost:${port}`, authorities, ...how },
      logged: (line) => log.push(line),
    });
  }

  const publish = (seq: number): Promise<unknown> | undefined =>
    gateway?.publishAsync('coldchain/v1/north/g1/readings', frame('b', seq), { qos: 1 });

  it.each(CLIENTS)(
    'is connected to by %s (MQTT %s) when its authority is trusted, and stored from',
    async (client, version) => {
      await start(ours.issue({ host: 'localhost', ...VALID }), { client, version });
      await eventually(
        () => (log.some((line) => line.includes('"subscribed at the broker"')) ? true : undefined),
        20_000,
      );
      for (let seq = 0; seq < 20; seq++) await publish(seq);
      await eventually(async () => ((await count(owner, STORED)) === 20 ? true : undefined), 20_000);
      expect(log.filter((line) => /"level":"(warn|error|fatal)"/.test(line))).toEqual([]);
    },
    90_000,
  );

  const WRONG = [
    [
      'an authority that nobody trusts',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      others.issue({ host: 'localhost', ...VALID }),
    ],
    ['the name of another host', 'ERR_TLS_CERT_ALTNAME_INVALID', ours.issue({ host: 'broker.example', ...VALID })],
    ['a time that is over', 'CERT_HAS_EXPIRED', ours.issue({ host: 'localhost', ...EXPIRED })],
  ] as const;
  it.each(WRONG.flatMap((wrong) => CLIENTS.map((how) => [...wrong, ...how] as const)))(
    'is refused for %s with %s, and nothing is taken',
    async (_what, code, shown, client, version) => {
      await start(shown, { client, version });
      const refusals = (): number => log.filter((line) => line.includes(`"code":"${code}"`)).length;
      await eventually(() => (refusals() >= 1 ? true : undefined), 20_000);
      for (let seq = 0; seq < 20; seq++) await publish(seq);
      const before = refusals();
      // It tries again, and stays away.
      await eventually(() => (refusals() > before ? true : undefined), 30_000);
      expect(await count(owner, STORED)).toBe(0);
      expect(await count(owner, 'dead_letter')).toBe(0);
    },
    90_000,
  );
});
