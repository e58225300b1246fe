import mqtt from 'mqtt';
import { FILTERS, SUBSCRIBER } from './filled-broker.js';

/**
 * `URL COUNT WARM new|queue`: does nothing with COUNT messages; says when it is there, when WARM have come, and when all
 * have, and ends when it is let go. `new`: subscribes for what comes. `queue`: takes the session that holds a queue.
 */
const [url = '', count = '0', warm = '0', kind = 'new'] = process.argv.slice(2);
const client = mqtt.connect(url, {
  ...(kind === 'queue'
    ? { clientId: SUBSCRIBER, clean: false, protocolVersion: 4 as const }
    : { clientId: 'bench-empty', protocolVersion: 5 as const }),
  manualConnect: true,
});
let left = Number(count);
const leftWhenWarm = left - Number(warm);
client.on('message', () => {
  if (--left === leftWhenWarm) process.send?.('warm');
  if (left === 0) process.send?.('done');
});
process.once('disconnect', () => process.exit(0));
const connected = new Promise((resolve) => client.once('connect', resolve));
client.connect();
await connected;
if (kind === 'new') await client.subscribeAsync(FILTERS, { qos: 1 });
process.send?.('there');
