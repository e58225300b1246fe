import { BrokerSubscriber } from '@coldchain/iot-ingest/sources';
import { describeWithProgram, Mosquitto, MOSQUITTO } from '../support/index.js';
import { messageSourceSuite, type SourceTraits } from './message-source.suite.js';
import { mqttGateway, sourceParts } from './source-world.js';

/** A member of a group leaves it before it goes, so that the others get what comes. */
const traits = (shareGroup: string | null): SourceTraits => ({
  direct: false,
  listens: true,
  keepsWhileAway: shareGroup === null,
  many: 3_000,
});

describeWithProgram(MOSQUITTO, 'mosquitto', 'a real Mosquitto', () => {
  for (const version of ['5', '3.1.1'] as const) {
    for (const shareGroup of [null, 'spec']) {
      const shared = shareGroup === null ? '' : ', shared subscription';
      messageSourceSuite(`the subscriber (MQTT ${version}${shared})`, traits(shareGroup), async () => {
        const [parts, broker] = [await sourceParts(), await Mosquitto.start()];
        const make = (): BrokerSubscriber =>
          new BrokerSubscriber({
            url: broker.url,
            version,
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
});
