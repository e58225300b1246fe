import { Database } from '@coldchain/database';
import { GatewayAuthentication, GatewayDirectory } from '@coldchain/iot-ingest/sources';
import { SeededRandom, sleep, SystemClock } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import mqtt, { ErrorWithReasonCode, type MqttClient } from 'mqtt';
import { testDatabase } from '../support/index.js';
import { PASSWORD, registerGateways } from './ingest-fixture.js';
import type { SourceGateway } from './message-source.suite.js';

/** What sources are made of: a database with registered gateways, and who looks them up. */
export interface SourceParts {
  readonly authentication: GatewayAuthentication;
  readonly directory: GatewayDirectory;
  readonly random: SeededRandom;
  readonly logger: ReturnType<typeof createLogger>;
  close(): Promise<void>;
}

export async function sourceParts(): Promise<SourceParts> {
  const clone = await testDatabase();
  const owner = Database.open({ url: clone.url, role: null, applicationName: 'spec' });
  await registerGateways(owner);
  await owner.close();
  const database = Database.open({ url: clone.url, role: 'cct_ingest', applicationName: 'spec-sources' });
  const [clock, random, logger] = [new SystemClock(), new SeededRandom('sources'), createLogger('spec', 'silent')];
  const directory = new GatewayDirectory(database, clock, logger);
  return {
    authentication: new GatewayAuthentication(database, clock, random),
    directory,
    random,
    logger,
    close: async () => {
      directory.stop();
      await database.close();
      await clone.close();
    },
  };
}

/** A gateway by MQTT that connects again when its connection is lost. */
export async function mqttGateway(
  url: () => string,
  user: string,
  { protocolVersion = 4, ca }: { readonly protocolVersion?: 4 | 5; readonly ca?: string } = {},
): Promise<SourceGateway> {
  const heard: Buffer[] = [];
  let closing = false;
  let client: Promise<MqttClient> | undefined;
  const connect = async (): Promise<MqttClient> => {
    for (;;) {
      try {
        const connected = await mqtt.connectAsync(
          url(),
          {
            username: user,
            password: PASSWORD,
            protocolVersion,
            reconnectPeriod: 0,
            connectTimeout: 3_000,
            ...(ca === undefined ? {} : { ca }),
          },
          false,
        );
        connected.on('error', () => undefined);
        connected.on('message', (_topic, bytes) => heard.push(bytes));
        // Only so are publications given back whose PUBACK did not come.
        connected.once('close', () => {
          client = undefined;
          connected.end(true);
        });
        await connected.subscribeAsync(`coldchain/v1/${user}/acks`, { qos: 1 });
        return connected;
      } catch (error) {
        if (closing) throw error;
        await sleep(100);
      }
    }
  };
  client = connect();
  await client;
  return {
    heard,
    send: async (channel, payload) => {
      while (!closing) {
        try {
          const connected = await (client ??= connect());
          await connected.publishAsync(`coldchain/v1/${user}/${channel}`, payload, { qos: 1 });
          return;
        } catch (error) {
          // MQTT 5 says that a message was set aside; whoever sends it again would get the same answer.
          if (error instanceof ErrorWithReasonCode && error.code >= 0x80) return;
          await sleep(20);
        }
      }
      throw new Error('closed');
    },
    close: async () => {
      closing = true;
      const connected = await client?.catch(() => undefined);
      await connected?.endAsync(true);
    },
  };
}

/** A gateway by HTTP that sends again what was not taken. */
export function httpGateway(port: number, user: string): SourceGateway {
  const closing = new AbortController();
  const authorization = `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`;
  return {
    heard: [],
    send: async (channel, payload) => {
      for (;;) {
        closing.signal.throwIfAborted();
        try {
          const path = `/v1/gateways/${user.split('/')[1]}/${channel === 'readings' ? 'frames' : 'status'}`;
          const response = await fetch(`http://127.0.0.1:${port}${path}`, {
            method: 'POST',
            headers: { authorization },
            body: new Uint8Array(payload),
            signal: closing.signal,
          });
          await response.arrayBuffer();
          if (response.status === 200 || response.status === 422) return;
        } catch (error) {
          if (closing.signal.aborted) throw error;
        }
        await sleep(50, closing.signal);
      }
    },
    close: async () => closing.abort(),
  };
}
