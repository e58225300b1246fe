import mqtt from 'mqtt';
import { FILTERS } from './filled-broker.js';

/**
 * `URL COUNT WARM`: subscribes, says so, does nothing with COUNT messages, says when WARM have come and when all have, and
 * ends when it is let go.
 */
const [url = '', count = '0', warm = '0'] = process.argv.slice(2);
const client = await mqtt.connectAsync(url, { clientId: 'bench-empty', protocolVersion: 5 });
let left = Number(count);
const leftWhenWarm = left - Number(warm);
client.on('message', () => {
  if (--left === leftWhenWarm) process.send?.('warm');
  if (left === 0) process.send?.('done');
});
await client.subscribeAsync(FILTERS, { qos: 1 });
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
