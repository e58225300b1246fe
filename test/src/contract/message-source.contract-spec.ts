import { EmbeddedBroker, HttpFrames } from '@coldchain/iot-ingest/sources';
import { freePort } from '../support/index.js';
import { messageSourceSuite } from './message-source.suite.js';
import { httpGateway, mqttGateway, sourceParts } from './source-world.js';

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
