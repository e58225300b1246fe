import { createHash } from 'node:crypto';
import { type RunningApi, startApi } from '@coldchain/api';
import { OPERATIONS, type OperationId, Problem, type Role, ROLES } from '@coldchain/api-contract';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { EntityDatabase } from '@coldchain/database';
import { createLogger } from '@coldchain/runtime';
import { CustodyWorld, type Actor, EXPIRY, GTIN, LOT, PROFILE, serials } from './custody-world.js';

/** How long an earlier ok stands in these specs. */
export const BOUND_MS = 60_000;

/** What the API answered. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // The specs look into bodies of many shapes; each was checked against its schema or is a problem.
  readonly body: Record<string, unknown>;
}

export interface Sent {
  readonly as?: Actor | null;
  readonly role?: Role;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A listening API over a custody world, with an account for each organisation and role. */
export class ApiWorld {
  private constructor(
    readonly custody: CustodyWorld,
    readonly database: EntityDatabase,
    readonly api: RunningApi,
  ) {}

  /** @param change of how the API is configured */
  static async open(change: { readonly accountRequestsPerMinute?: number } = {}): Promise<ApiWorld> {
    const custody = await CustodyWorld.open();
    const database = await EntityDatabase.open({ url: custody.url, role: 'cct_api', applicationName: 'api-world' });
    const api = await startApi({
      database,
      configuration: {
        mode: 'development',
        ledger: 'embedded',
        demo: 'off',
        dataDir: '/nonexistent',
        httpHost: '127.0.0.1',
        httpPort: 0,
        verdictBoundMs: BOUND_MS,
        accountRequestsPerMinute: 0,
        ...change,
      },
      logger: createLogger('api', 'silent'),
      clock: custody.clock,
      random: custody.random,
    });
    const world = new ApiWorld(custody, database, api);
    for (const actor of ['maker', 'carrier', 'north', 'south', 'authority'] as const) {
      for (const role of ROLES) {
        await custody.owner.query(
          `INSERT INTO account (organisation_id, name, kind, roles, key_sha256) VALUES ($1, $2, 'machine', $3, $4)`,
          [custody.organisation(actor).id, role, [role], createHash('sha256').update(keyOf(actor, role)).digest()],
        );
      }
    }
    return world;
  }

  /** Sends a request by method and path. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Answered> {
    const query = new URLSearchParams(sent.query).toString();
    const actor = sent.as === undefined ? 'maker' : sent.as;
    const response = await fetch(`${this.api.url}${path}${query === '' ? '' : `?${query}`}`, {
      method,
      headers: {
        ...(actor === null ? {} : { authorization: `Bearer ${keyOf(actor, sent.role ?? 'quality')}` }),
        ...(sent.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...sent.headers,
      },
      ...(sent.body === undefined
        ? {}
        : { body: typeof sent.body === 'string' ? sent.body : JSON.stringify(sent.body) }),
    });
    const text = await wholeBody(response);
    const json = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : { text } };
  }

  /**
   * Calls an operation with a role that may do it, and holds the answer against the contract: a success against its
   * schema, anything else against the problem schema and the operation's list of codes is left to the caller.
   */
  async call(id: OperationId, sent: Sent & { readonly params?: Record<string, string> } = {}): Promise<Answered> {
    const operation = OPERATIONS[id];
    const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(sent.params?.[name] ?? ''),
    );
    const answered = await this.send(operation.method, path, sent);
    if (answered.status < 300) {
      if (typeof operation.answer !== 'string') operation.answer.parse(answered.body);
    } else {
      Problem.parse(answered.body);
    }
    return answered;
  }

  /** What the ledger worker would do, without a ledger: everything that was captured is projected as committed. */
  async anchorAll(): Promise<void> {
    const { owner } = this.custody;
    await owner.query(
      `INSERT INTO ledger_object (object_type, object_key, state, block, transaction_id)
       SELECT object_type, object_key, state, 1, object_key FROM expected_object
       ON CONFLICT (object_type, object_key) DO UPDATE SET state = excluded.state`,
    );
    await owner.query(
      `UPDATE custody_event SET anchor_state = 'anchored', block = 1, transaction_id = commitment, anchored_at = recorded_at
       WHERE anchor_state = 'pending'`,
    );
    await this.confirm();
  }

  /** The projection is known to be at the ledger's height now, and all readings to be evaluated. */
  async confirm(): Promise<void> {
    await this.confirmEvaluation();
    await this.confirmLedger();
  }

  async confirmEvaluation(): Promise<void> {
    await this.custody.owner.query(
      `INSERT INTO follow_checkpoint (name, xid, confirmed_at) VALUES ('evaluator', '0', $1)
       ON CONFLICT (name) DO UPDATE SET confirmed_at = excluded.confirmed_at`,
      [new Date(this.custody.clock.now())],
    );
  }

  async confirmLedger(): Promise<void> {
    await this.custody.owner.query(
      `INSERT INTO ledger_checkpoint (channel, block, transaction_index, height, confirmed_at) VALUES ('coldchain', 1, 0, 2, $1)
       ON CONFLICT (channel) DO UPDATE SET confirmed_at = excluded.confirmed_at`,
      [new Date(this.custody.clock.now())],
    );
  }

  /** A published profile (without evidence, unless told otherwise) and a certified batch with packs S1 to S20. */
  async certifiedBatch(
    evidence: ProductProfile['evidence'] = 'none',
    members: Partial<ProductProfile> = {},
  ): Promise<void> {
    const { gtin, version, ...profile } = PROFILE;
    await this.expect(201, 'publishProfile', {
      body: { gtin, version, name: 'Vaccine', profile: { ...profile, evidence, ...members } },
    });
    await this.expect(201, 'registerBatch', {
      role: 'shipper',
      body: { gtin: GTIN, lot: LOT, expiry: EXPIRY, profileVersion: 1, serials: serials(1, 20) },
    });
    this.custody.clock.advance(1000);
    await this.expect(201, 'certifyBatch', { params: { gtin: GTIN, lot: LOT }, body: {} });
    this.custody.clock.advance(1000);
  }

  /** A carton of the maker's with packs of {@link certifiedBatch}. */
  async pack(sscc: string, from: number, to: number, logger?: string): Promise<void> {
    this.custody.clock.advance(1000);
    await this.expect(201, 'aggregateUnit', {
      role: 'shipper',
      body: {
        sscc,
        packs: [{ gtin: GTIN, lot: LOT, serials: serials(from, to) }],
        ...(logger === undefined ? {} : { logger }),
      },
    });
  }

  /** Ships units and returns the id of the shipment. */
  async ship(from: Actor, to: Actor, ...ssccs: readonly string[]): Promise<string> {
    this.custody.clock.advance(1000);
    const { body } = await this.expect(201, 'shipUnits', { as: from, role: 'shipper', body: { ssccs, receiver: to } });
    return (body['events'] as readonly { readonly commitment: string }[])[0]?.commitment ?? '';
  }

  /** Ships units, and the receiver takes them. */
  async deliver(from: Actor, to: Actor, ...ssccs: readonly string[]): Promise<void> {
    await this.ship(from, to, ...ssccs);
    this.custody.clock.advance(1000);
    await this.expect(201, 'receiveUnits', { as: to, role: 'shipper', body: { ssccs } });
  }

  /** The code with which an operation must be refused, after a second has passed: `status code`. */
  async refused(id: OperationId, sent: Parameters<ApiWorld['call']>[1] = {}): Promise<string> {
    this.custody.clock.advance(1000);
    const { status, body } = await this.call(id, sent);
    return `${status} ${String(body['code'])}`;
  }

  /** {@link call} that must have a status. */
  async expect(status: number, id: OperationId, sent: Parameters<ApiWorld['call']>[1] = {}): Promise<Answered> {
    const answered = await this.call(id, sent);
    if (answered.status !== status) {
      throw new Error(`${id}: ${status} was expected, ${answered.status} came: ${JSON.stringify(answered.body)}`);
    }
    return answered;
  }

  /** The verdict of a code for an organisation: `answer reason`. */
  async verdict(code: string, as: Actor): Promise<string> {
    const { body } = await this.expect(200, 'getVerdict', { as, role: 'dispenser', query: { code } });
    return `${String(body['answer'])} ${String(body['reason'])}`;
  }

  async close(): Promise<void> {
    await this.api.stop();
    await this.database.close();
    await this.custody.close();
  }
}

/** A stream has no end: that it began is all that is looked at here. */
async function wholeBody(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) return response.text();
  await response.body?.cancel();
  return '';
}

/** The key of an account of this world. */
export const keyOf = (actor: Actor, role: Role): string => `key-of-${actor}-${role}-0123456789abcdef`;
