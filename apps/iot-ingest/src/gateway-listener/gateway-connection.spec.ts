import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep, TextCache } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import { generate } from 'mqtt-packet';
import type { AddressInfo } from 'node:net';
import type { ConnectionHost } from './connection-host.js';
import { GatewayConnection } from './gateway-connection.js';
import { ListenerLoad } from './listener-load.js';

const GATEWAY = {
  ...{ id: 1, organisationId: 1, organisation: 'north', name: 'g1', party: 'p' },
  acceptsUnsequenced: false,
};
const MINUTE_MS = 60_000;

const host: ConnectionHost = {
  load: new ListenerLoad(),
  topics: new TextCache(),
  logger: createLogger('spec', 'silent'),
  paused: false,
  prove: () => Promise.resolve(GATEWAY),
  entered: (_connection, _gateway, clientId) => clientId,
  received: () => true,
  left: () => undefined,
  announced: () => undefined,
};

describe('GatewayConnection', () => {
  let server: Server;
  let client: Socket;
  let socket: Socket;
  let connection: GatewayConnection;
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    [socket] = (await once(server, 'connection')) as [Socket];
    connection = new GatewayConnection(socket, host);
    const who = { clientId: 'c', username: 'north/g1', password: Buffer.from('p'), keepalive: 30, clean: true };
    client.write(generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, ...who }));
    await once(client, 'data');
  });
  afterEach(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });

  it('is not read while its gateway does not read, and ended when that does not change for minutes', async () => {
    client.pause();
    const pings = Buffer.concat(Array.from({ length: 500_000 }, () => generate({ cmd: 'pingreq' })));
    // What the system keeps on the way is no figure of ours.
    for (let sent = 0; sent < 20; sent++) client.write(pings);
    for (let [before, same] = [-1, 0]; same < 10; await sleep(50)) {
      same = client.writableLength === before ? same + 1 : 0;
      before = client.writableLength;
    }
    expect(client.writableLength).toBeGreaterThan(0);
    expect(socket.writableLength).toBeLessThan(512 * 1024);
    connection.look(performance.now() + MINUTE_MS);
    expect(socket.destroyed).toBe(false);
    connection.look(performance.now() + 6 * MINUTE_MS);
    expect(socket.destroyed).toBe(true);
  });
});
