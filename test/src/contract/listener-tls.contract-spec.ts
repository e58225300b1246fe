import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GatewayListener, ServerCertificate } from '@coldchain/iot-ingest/sources';
import { SpecCertificate } from '../support/spec-certificate.js';
import { eventually } from './ingest-fixture.js';
import { CollectingReceiver } from './message-source.suite.js';
import { mqttGateway, type SourceParts, sourceParts } from './source-world.js';

const LOOK_MS = 20;
const HANDSHAKE_TIMEOUT_MS = 200;

describe('the gateway listener with TLS', () => {
  let parts: SourceParts;
  let files: SpecCertificate;
  let listener: GatewayListener;
  let receiver: CollectingReceiver;
  beforeEach(async () => {
    parts = await sourceParts();
    files = new SpecCertificate();
    receiver = new CollectingReceiver();
    receiver.immediate = true;
    listener = new GatewayListener({
      ...{ host: '127.0.0.1', port: 0, maxConnections: 100 },
      certificate: new ServerCertificate(files.certFile, files.keyFile, parts.logger, LOOK_MS),
      authentication: parts.authentication,
      random: parts.random,
      logger: parts.logger,
      handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS,
    });
    await listener.start(receiver);
  });
  afterEach(async () => {
    await listener.stop();
    await parts.close();
    files.remove();
  });

  /** Fingerprint of what a new connection is shown. */
  async function shown(): Promise<string> {
    const socket: TLSSocket = connectTls({
      ...{ port: listener.port, host: '127.0.0.1', servername: 'localhost', ca: files.authority },
    });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }

  it('shows a renewed certificate to new connections, keeps the old one while the files are of no use, and ends none', async () => {
    const url = `mqtts://localhost:${listener.port}`;
    const gateway = await mqttGateway(() => url, 'north/g1', { ca: files.authority });
    await gateway.send('readings', Buffer.from('before'));
    const before = await shown();
    writeFileSync(files.keyFile, 'no key');
    await new Promise((resolve) => setTimeout(resolve, 5 * LOOK_MS));
    expect(await shown()).toBe(before);
    const renewed = new X509Certificate(files.renew()).fingerprint256;
    await eventually(async () => ((await shown()) === renewed ? true : undefined));
    await gateway.send('readings', Buffer.from('after'));
    expect(receiver.texts()).toEqual(['before', 'after']);
    await gateway.close();
  });

  it('does not start with files that are of no use', async () => {
    writeFileSync(files.keyFile, 'no key');
    const second = new GatewayListener({
      ...{ host: '127.0.0.1', port: 0, maxConnections: 100 },
      certificate: new ServerCertificate(files.certFile, files.keyFile, parts.logger),
      authentication: parts.authentication,
      random: parts.random,
      logger: parts.logger,
    });
    await expect(second.start(receiver)).rejects.toThrow();
  });

  it('hears nothing of who speaks without it, and goes on', async () => {
    const plain = connectTcp({ port: listener.port, host: '127.0.0.1' });
    plain.on('error', () => undefined);
    await once(plain, 'connect');
    plain.write(Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 0, 0, 0]));
    await once(plain, 'close');
    const url = `mqtts://localhost:${listener.port}`;
    const gateway = await mqttGateway(() => url, 'north/g1', { ca: files.authority, protocolVersion: 5 });
    await gateway.send('readings', Buffer.from('x'));
    expect(receiver.texts()).toEqual(['x']);
    await gateway.close();
  });

  /** A connection that says nothing, once the listener has it. */
  async function silent(): Promise<Socket> {
    const socket = connectTcp({ port: listener.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  it('ends a connection whose handshake does not come to its end', async () => {
    const socket = await silent();
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(5_000) });
    await closed;
    expect(socket.bytesRead).toBe(0);
  });

  it('ends those in their handshake too when it stops', async () => {
    const socket = await silent();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS / 2) });
    await listener.pause();
    await listener.stop();
    await closed;
  });
});
