import mqtt from 'mqtt';
import { FILTERS } from './filled-broker.js';

/** `URL COUNT`: subscribes, says so to its parent, does nothing with COUNT messages, and ends. */
const [url = '', count = '0'] = process.argv.slice(2);
const client = await mqtt.connectAsync(url, { clientId: 'bench-empty', protocolVersion: 5 });
let left = Number(count);
client.on('message', () => {
  if (--left === 0) process.exit(0);
});
await client.subscribeAsync(FILTERS, { qos: 1 });
process.send?.('ready');
