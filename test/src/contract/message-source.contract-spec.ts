import { EmbeddedBroker, GatewayListener, HttpFrames, ServerCertificate } from '@coldchain/iot-ingest/sources';
import { SpecCertificate } from '../support/spec-certificate.js';
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

for (const [name, protocolVersion, secure] of [
  ['MQTT 3.1.1', 4, false],
  ['MQTT 5', 5, false],
  ['MQTT 5 and TLS', 5, true],
] as const) {
  messageSourceSuite(
    `the gateway listener by ${name}`,
    { direct: true, listens: true, keepsWhileAway: true, many: 3_000 },
    async () => {
      const parts = await sourceParts();
      const port = await freePort();
      const tls = secure ? new SpecCertificate() : null;
      const make = (): GatewayListener =>
        new GatewayListener({
          host: '127.0.0.1',
          port,
          maxConnections: 100,
          certificate: tls === null ? null : new ServerCertificate(tls.certFile, tls.keyFile, parts.logger),
          authentication: parts.authentication,
          random: parts.random,
          logger: parts.logger,
        });
      const url = `${secure ? 'mqtts' : 'mqtt'}://localhost:${port}`;
      const ca = tls === null ? {} : { ca: tls.authority };
      return {
        source: make(),
        again: async () => make(),
        gateway: (user) => mqttGateway(() => url, user, { protocolVersion, ...ca }),
        close: async () => {
          await parts.close();
          tls?.remove();
        },
      };
    },
  );
}

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
