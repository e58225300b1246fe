import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@coldchain/runtime';
import type { GatewayAuthentication } from '../gateways/gateway-authentication.js';
import { type Gateway, LARGEST_STATUS_BYTES, type MessageReceiver, MessageSource } from '../message-source.js';
import { topicOf } from '../topics.js';
import { HttpRefusal } from './http-refusal.js';

/** Options of {@link HttpFrames}. */
export interface HttpFramesOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly authentication: GatewayAuthentication;
  readonly logger: Logger;
  /** Draws up the acknowledgement of a gateway, as it would be sent on its topic. */
  readonly acknowledgementOf: (gateway: Gateway) => Promise<Buffer>;
}

/** A body above this is not read to its end. Below it and above the frame limit it is set aside with its code. */
const LARGEST_BODY_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 1_000;
/** How long an answer waits for the commit; what is stored later is a duplicate when it is sent again. */
const ANSWER_WITHIN_MS = 20_000;

/**
 * The HTTPS twin of the MQTT topics, for sites that block MQTT and for webhooks of LoRaWAN servers:
 * `POST /v1/gateways/{name}/frames` (and `/status`) with HTTP Basic, user `{organisation}/{name}`. The answer comes after
 * the COMMIT: 200 with the application acknowledgement, or 422 with the code under which the message was set aside. It
 * listens without TLS: in front of it stands the proxy that also serves the API.
 */
export class HttpFrames extends MessageSource {
  private receiver: MessageReceiver | undefined;
  private server: Server | undefined;
  private paused = false;
  private readonly answering = new Set<Promise<void>>();
  /** Requests that wait for their commit: called, each answers that it is to be sent again. */
  private readonly waiting = new Set<() => void>();

  constructor(private readonly options: HttpFramesOptions) {
    super();
  }

  /** The port that is listened on, once started. */
  get port(): number {
    return (this.server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async start(receiver: MessageReceiver): Promise<void> {
    this.receiver = receiver;
    const server = createServer((request, response) => {
      const answer = this.serve(request, response).catch((error: unknown) => {
        this.options.logger.error({ err: error }, 'frame request failed');
        response.destroy();
      });
      this.answering.add(answer);
      void answer.then(() => this.answering.delete(answer));
    });
    server.maxConnections = MAX_CONNECTIONS;
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.options.port, this.options.host, () => {
        server.off('error', reject);
        server.on('error', (error) => this.options.logger.error({ err: error }, 'listening failed'));
        resolve();
      });
    });
  }

  async pause(): Promise<void> {
    this.paused = true;
    this.server?.close();
  }

  /** Nobody waits: acknowledgements go into the answers. */
  listens(): boolean {
    return false;
  }

  send(): void {
    // See listens.
  }

  async stop(): Promise<void> {
    await this.pause();
    for (const giveUp of this.waiting) giveUp();
    await Promise.all(this.answering);
    this.server?.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [, name = '', channel = ''] = PATH.exec(request.url ?? '') ?? [];
      if (channel !== 'frames' && channel !== 'status') throw new HttpRefusal('not-found');
      if (request.method !== 'POST') throw new HttpRefusal('method-not-allowed');
      const gateway = await this.authenticated(request, name);
      const refusal = await this.taken(gateway, channel, await bodyOf(request));
      const acknowledgement = await this.options.acknowledgementOf(gateway).catch((error: unknown) => {
        throw new HttpRefusal('not-stored-yet', { cause: error });
      });
      if (refusal === null) answer(response, 200, 'application/json', acknowledgement);
      else answer(response, 422, 'application/problem+json', refused(refusal, acknowledgement));
    } catch (error) {
      if (!(error instanceof HttpRefusal)) throw error;
      for (const [header, value] of Object.entries(error.headers)) response.setHeader(header, value);
      answer(response, error.status, 'application/problem+json', Buffer.from(JSON.stringify(error.problem())));
      // What is left of a body that was not read would be taken for the next request.
      if (!request.complete) request.destroy();
    }
  }

  private async authenticated(request: IncomingMessage, name: string): Promise<Gateway> {
    const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,1024})$/.exec(request.headers.authorization ?? '') ?? [];
    if (encoded === undefined) throw new HttpRefusal('credentials-missing');
    const credentials = Buffer.from(encoded, 'base64');
    const colon = credentials.indexOf(0x3a);
    if (colon < 0) throw new HttpRefusal('gateway-refused');
    const userName = credentials.toString('utf8', 0, colon);
    const answered = await this.options.authentication
      .authenticate(userName, credentials.subarray(colon + 1))
      .catch((error: unknown) => {
        throw new HttpRefusal('not-stored-yet', { cause: error });
      });
    if (!answered.ok) throw new HttpRefusal(answered.code === 'busy' ? 'too-busy' : 'gateway-refused');
    if (answered.gateway.name !== name) throw new HttpRefusal('gateway-refused');
    return answered.gateway;
  }

  /** Resolves after the commit with the code of a dead letter or null. */
  private taken(gateway: Gateway, channel: 'frames' | 'status', payload: Buffer): Promise<string | null> {
    const { receiver } = this;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        clearTimeout(late);
        this.waiting.delete(giveUp);
        reject(new HttpRefusal('not-stored-yet'));
      };
      const late = setTimeout(giveUp, ANSWER_WITHIN_MS);
      this.waiting.add(giveUp);
      const tooLarge = channel === 'status' && payload.length > LARGEST_STATUS_BYTES;
      const taken =
        !this.paused &&
        receiver?.received({
          gateway,
          topic: topicOf(gateway.organisation, gateway.name, channel === 'status' ? 'status' : 'readings'),
          channel: tooLarge ? 'refused' : channel === 'status' ? 'status' : 'readings',
          refusal: tooLarge ? 'status-too-large' : null,
          payload,
          acknowledge: (refusal) => {
            resolve(refusal);
            giveUp();
          },
        });
      if (taken === true) return;
      reject(new HttpRefusal('too-busy'));
      giveUp();
    });
  }
}

const PATH = /^\/v1\/gateways\/([A-Za-z0-9][A-Za-z0-9._-]{0,62})\/(frames|status)(?:\?|$)/;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LARGEST_BODY_BYTES) throw new HttpRefusal('body-too-large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.length, 'cache-control': 'no-store' });
  response.end(body);
}

function refused(code: string, acknowledgement: Buffer): Buffer {
  const title = 'The message was kept but cannot be taken';
  const members = { type: 'about:blank', title, status: 422, code };
  return Buffer.from(
    `${JSON.stringify(members).slice(0, -1)},"acknowledgement":${acknowledgement.toString('utf8')}}`,
    'utf8',
  );
}
