import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import type { TlsFiles } from './layout.js';
import { HOST } from './ports.js';

const TIMEOUT_MS = 5_000;

/** An answer of a node's operations or administration endpoint. */
export interface NodeAnswer {
  readonly status: number;
  readonly body: string;
}

/** A body and its type. */
export interface NodeContent {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Asks a node over TLS, with a client certificate. Rejects when nobody answers or the certificate is not the node's. */
export function askNode(port: number, path: string, tls: TlsFiles, content?: NodeContent): Promise<NodeAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: HOST,
        port,
        path,
        method: content === undefined ? 'GET' : 'POST',
        headers: content === undefined ? {} : { 'Content-Type': content.type, 'Content-Length': content.bytes.length },
        ca: readFileSync(tls.authority),
        cert: readFileSync(tls.certificate),
        key: readFileSync(tls.key),
        agent: false,
        timeout: TIMEOUT_MS,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') }),
        );
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    outgoing.once('error', reject);
    outgoing.end(content?.bytes);
  });
}

/** Whether somebody accepts connections. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: HOST, timeout: TIMEOUT_MS });
    const answer = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}
