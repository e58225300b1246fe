import { pbkdf2Sync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { freePort } from '@coldchain/deploy-local';
import { BrokerSubscriber } from '@coldchain/iot-ingest/sources';
import { mapLimit, sleep } from '@coldchain/kernel';
import { describeWithProgram, Mosquitto, MOSQUITTO } from '../support/index.js';
import { eventually } from './ingest-fixture.js';
import { CollectingReceiver, messageSourceSuite, type SourceTraits } from './message-source.suite.js';
import { mqttGateway, sourceParts } from './source-world.js';

/** A member of a group leaves it before it goes, so that the others get what comes. */
const traits = (shareGroup: string | null): SourceTraits => ({
  direct: false,
  listens: true,
  keepsWhileAway: shareGroup === null,
  many: 3_000,
});

const CLIENTS = (['packets', 'mqtt.js'] as const).flatMap((client) =>
  (['5', '3.1.1'] as const).map((version) => [client, version] as const),
);

describeWithProgram(MOSQUITTO, 'mosquitto', 'a real Mosquitto', () => {
  for (const [client, version] of CLIENTS) {
    for (const shareGroup of [null, 'spec']) {
      const shared = shareGroup === null ? '' : ', shared subscription';
      messageSourceSuite(`the subscriber by ${client} (MQTT ${version}${shared})`, traits(shareGroup), async () => {
        const [parts, broker] = [await sourceParts(), await Mosquitto.start()];
        const make = (): BrokerSubscriber =>
          new BrokerSubscriber({
            url: broker.url,
            version,
            client,
            clientId: 'spec',
            shareGroup,
            receiveMaximum: 500,
            directory: parts.directory,
            random: parts.random,
            logger: parts.logger,
          });
        return {
          source: make(),
          again: async () => make(),
          gateway: (user) => mqttGateway(() => broker.url, user),
          close: async () => {
            await broker.close();
            await parts.close();
          },
        };
      });
    }
  }

  for (const [client, version] of CLIENTS) {
    it(`hands over no more than twice the window by ${client} (MQTT ${version}), whether it keeps to it or not`, async () => {
      const receiveMaximum = 500;
      const [parts, broker] = [await sourceParts(), await Mosquitto.start(['max_inflight_messages 0'])];
      const source = new BrokerSubscriber({
        url: broker.url,
        version,
        client,
        clientId: 'spec',
        shareGroup: null,
        receiveMaximum,
        directory: parts.directory,
        random: parts.random,
        logger: parts.logger,
      });
      const receiver = new CollectingReceiver();
      const gateway = await mqttGateway(() => broker.url, 'north/g1');
      try {
        await source.start(receiver);
        const numbers = Array.from({ length: 5_000 }, (_, number) => number);
        await mapLimit(numbers, 200, (number) => gateway.send('readings', Buffer.from(`${number}`)));
        await sleep(500);
        expect(receiver.messages.length).toBeGreaterThanOrEqual(receiveMaximum);
        expect(receiver.messages.length).toBeLessThanOrEqual(2 * receiveMaximum);
        let taken = 0;
        await eventually(() => {
          for (; taken < receiver.messages.length; taken++) receiver.messages[taken]?.acknowledge(null);
          return new Set(receiver.texts()).size === numbers.length ? true : undefined;
        }, 20_000);
        expect(source.pending).toBe(0);
      } finally {
        await gateway.close();
        await source.stop();
        await broker.close();
        await parts.close();
      }
    });
  }

  for (const version of ['5', '3.1.1'] as const) {
    it(`reads and acknowledges through WebSockets (MQTT ${version}): nothing comes again`, async () => {
      const port = await freePort();
      const broker = await Mosquitto.start([`listener ${port} 127.0.0.1`, 'protocol websockets']);
      const parts = await sourceParts();
      const url = `ws://127.0.0.1:${port}`;
      const common = { version, client: 'packets', clientId: 'spec', shareGroup: null, receiveMaximum: 500 } as const;
      const gateway = await mqttGateway(() => broker.url, 'north/g1');
      const numbers = Array.from({ length: 2_000 }, (_, number) => number);
      try {
        const source = new BrokerSubscriber({ ...common, ...parts, url });
        const receiver = new CollectingReceiver();
        await source.start(receiver);
        await mapLimit(numbers, 200, (number) => gateway.send('readings', Buffer.from(`${number}`)));
        let taken = 0;
        await eventually(() => {
          // All but the last.
          for (; taken < Math.min(receiver.messages.length, numbers.length - 1); taken++)
            receiver.messages[taken]?.acknowledge(null);
          return receiver.messages.length >= numbers.length ? true : undefined;
        }, 20_000);
        await source.stop();
        const again = new BrokerSubscriber({ ...common, ...parts, url });
        const rest = new CollectingReceiver();
        await again.start(rest);
        await eventually(() => (rest.messages.length > 0 ? true : undefined), 5_000);
        await sleep(300);
        expect(rest.texts()).toEqual([`${receiver.messages.at(-1)?.payload.toString()}`]);
        await again.stop();
      } finally {
        await gateway.close();
        await broker.close();
        await parts.close();
      }
    });
  }

  for (const [client, version] of CLIENTS) {
    it(`shows a password of any characters by ${client} (MQTT ${version}), and is not connected by a wrong one`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'coldchain-spec-'));
      const passwords = join(folder, 'passwords');
      writeFileSync(passwords, passwordLine('ingest', 'a:b@c/d%é'));
      const broker = await Mosquitto.start(['allow_anonymous false', `password_file ${passwords}`, 'user root']);
      const parts = await sourceParts();
      const connected = async (password: string): Promise<boolean> => {
        const url = `mqtt://ingest:${encodeURIComponent(password)}@127.0.0.1:${broker.port}`;
        const common = { version, client, clientId: 'spec', shareGroup: null, receiveMaximum: 500, ...parts };
        const source = new BrokerSubscriber({ ...common, url });
        await source.start(new CollectingReceiver());
        const answer = source.connected;
        await source.stop();
        return answer;
      };
      try {
        expect([await connected('a:b@c/d%é'), await connected('a:b@c/d')]).toEqual([true, false]);
      } finally {
        await broker.close();
        await parts.close();
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** A line of a password file as `mosquitto_passwd` writes it: PBKDF2 with SHA-512, 101 rounds, salt of 12 bytes. */
function passwordLine(user: string, password: string): string {
  const salt = Buffer.alloc(12, 7);
  const key = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${key.toString('base64')}\n`;
}
