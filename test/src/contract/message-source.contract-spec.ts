import { EmbeddedBroker, HttpFrames } from '@coldchain/iot-ingest/sources';
import { sleep } from '@coldchain/kernel';
import { freePort } from '../support/index.js';
import { PASSWORD } from './ingest-fixture.js';
import { messageSourceSuite, type SourceGateway } from './message-source.suite.js';
import { mqttGateway, sourceParts } from './source-world.js';

messageSourceSuite(
  'the embedded broker',
  { direct: true, listens: true, keepsWhileAway: true, many: 3_000 },
  async () => {
    const parts = await sourceParts();
    const port = await freePort();
    const make = (): EmbeddedBroker =>
      new EmbeddedBroker({
        host: '127.0.0.1',
        port,
        maxConnections: 100,
        authentication: parts.authentication,
        logger: parts.logger,
      });
    return {
      source: make(),
      again: async () => make(),
      gateway: (user) => mqttGateway(() => `mqtt://127.0.0.1:${port}`, user),
      close: () => parts.close(),
    };
  },
);

messageSourceSuite('the HTTP twin', { direct: true, listens: false, keepsWhileAway: true, many: 500 }, async () => {
  const parts = await sourceParts();
  const port = await freePort();
  const make = (): HttpFrames =>
    new HttpFrames({
      host: '127.0.0.1',
      port,
      authentication: parts.authentication,
      logger: parts.logger,
      acknowledgementOf: async () => Buffer.from('{"boots":[]}'),
    });
  return {
    source: make(),
    again: async () => make(),
    gateway: async (user) => httpGateway(port, user),
    close: () => parts.close(),
  };
});

function httpGateway(port: number, user: string): SourceGateway {
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
