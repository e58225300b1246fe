import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { JetStreamSource } from '@coldchain/iot-ingest/sources';
import { subjectOf, topicOfSubject } from '@coldchain/iot-ingest/subjects';
import { describeWithProgram, NATS_SERVER, NatsCluster } from '../support/index.js';
import { messageSourceSuite } from './message-source.suite.js';
import { mqttGateway, sourceParts } from './source-world.js';

describe('subjects of NATS', () => {
  it.each([
    ['coldchain/v1/north/g1/readings', 'coldchain.v1.north.g1.readings'],
    ['coldchain/v1/north/g.1/acks', 'coldchain.v1.north.g//1.acks'],
    ['coldchain/v1/north/g./acks', 'coldchain.v1.north.g//.acks'],
  ])('stand for topics: %s', (topic, subject) => {
    expect(subjectOf(topic)).toBe(subject);
    expect(topicOfSubject(subject)).toBe(topic);
  });
});

describeWithProgram(NATS_SERVER, 'nats-server', 'a cluster of three NATS servers', () => {
  let cluster: NatsCluster;
  let world = 0;
  beforeAll(async () => {
    cluster = await NatsCluster.start();
  }, 60_000);
  afterAll(() => cluster.close());

  messageSourceSuite(
    'the JetStream consumer',
    { direct: false, listens: true, keepsWhileAway: true, many: 3_000 },
    async () => {
      const parts = await sourceParts();
      const consumer = `spec-${world++}`;
      const make = (): JetStreamSource =>
        new JetStreamSource({
          url: cluster.url,
          consumer,
          replicas: 3,
          directory: parts.directory,
          random: parts.random,
          logger: parts.logger,
          ackWaitMs: 2_000,
        });
      return {
        source: make(),
        again: async () => make(),
        gateway: (user) => mqttGateway(() => cluster.mqttUrl(world % 3), user),
        close: async () => {
          // One consumer a test: what another one left must not arrive here.
          await JetStreamSource.forget(cluster.url, consumer);
          await parts.close();
        },
      };
    },
  );
});
