import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, CommandPayloads, PartyId, Query, UnitState } from '@coldchain/chaincode/protocol';
import { packRoot } from '@coldchain/chaincode/domain';
import { Database } from '@coldchain/database';
import { commitment, documentDigest, EMPTY_CONTEXT, eventHash } from '@coldchain/epcis';
import { sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import {
  type AttestedTransaction,
  type InspectedBlock,
  Ledger,
  type LedgerBlock,
  type LedgerHealth,
  type Outcome,
  type Preparation,
  type Settled,
} from '@coldchain/ledger';
import { EmbeddedLedger } from '@coldchain/ledger/embedded';
import { type LedgerWorker, startLedgerWorker } from '@coldchain/ledger-worker';
import { createLogger } from '@coldchain/runtime';
import { testDatabase } from '../support/index.js';
import { GTIN, hex, MAKER, PACKS, PHARMACY, PROFILE, REGULATOR, WHOLESALER } from './ledger.suite.js';

/** What stands between a worker and its ledger; a test says what goes wrong on the way. */
export class UnreliableLedger extends Ledger {
  /** Answers instead of the ledger, or after it. */
  onSubmit: (envelope: Buffer, submit: () => Promise<Outcome>) => Promise<Outcome> = (_, submit) => submit();
  /** Runs between a preparation and its answer. */
  onPrepared: (command: Command) => Promise<void> = async () => undefined;
  /** Organisations that endorse; undefined for as many as must. */
  onEndorse: (command: Command) => readonly string[] | undefined = () => undefined;
  readonly submitted: Buffer[] = [];
  readonly prepared: CommandPayloads[Command][] = [];

  constructor(readonly inner: EmbeddedLedger) {
    super();
  }

  override async prepare<Name extends Command>(
    command: Name,
    payload: CommandPayloads[Name],
    party: PartyId,
    endorsers?: readonly string[],
  ): Promise<Preparation> {
    const preparation = await this.inner.prepare(command, payload, party, endorsers ?? this.onEndorse(command));
    this.prepared.push(payload);
    await this.onPrepared(command);
    return preparation;
  }

  override submit(envelope: Buffer): Promise<Outcome> {
    this.submitted.push(envelope);
    return this.onSubmit(envelope, () => this.inner.submit(envelope));
  }

  override transaction(id: string): Promise<Settled | undefined> {
    return this.inner.transaction(id);
  }

  override evaluate(query: Query, key: string): Promise<string | undefined> {
    return this.inner.evaluate(query, key);
  }

  override events(after: number, signal: AbortSignal): AsyncIterable<LedgerBlock> {
    return this.inner.events(after, signal);
  }

  override block(number: number): Promise<LedgerBlock | undefined> {
    return this.inner.block(number);
  }

  override inspect(number: number, previous: string | null): Promise<InspectedBlock | undefined> {
    return this.inner.inspect(number, previous);
  }

  override attest(id: string, organisations: readonly string[]): Promise<AttestedTransaction> {
    return this.inner.attest(id, organisations);
  }

  override sealedBlock(number: number): Promise<Buffer | undefined> {
    return this.inner.sealedBlock(number);
  }

  override configurations(): Promise<readonly Buffer[]> {
    return this.inner.configurations();
  }

  override health(): Promise<LedgerHealth> {
    return this.inner.health();
  }

  override close(): Promise<void> {
    return this.inner.close();
  }
}

/** Members of a payload that the event itself does not give. */
type Members<Name extends Command> = Omit<CommandPayloads[Name], 'commitment' | 'eventTime'>;

/** A stored event and its outbox row. */
export interface Captured {
  readonly eventId: number;
  readonly commitment: string;
}

/** A database with organisations, an embedded ledger, and workers that can be started, stopped and killed. */
export class WorkerWorld {
  private readonly workers: { readonly worker: LedgerWorker; readonly database: Database }[] = [];
  private events = 0;

  private constructor(
    private readonly url: string,
    readonly owner: Database,
    private readonly ledgerDatabase: Database,
    readonly ledger: UnreliableLedger,
    private readonly dispose: () => Promise<void>,
  ) {}

  static async open(): Promise<WorkerWorld> {
    const test = await testDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'ledger-worker-'));
    const owner = Database.open({ url: test.url, role: null, applicationName: 'worker-world' });
    const ledgerDatabase = Database.open({ url: test.url, role: 'cct_worker', applicationName: 'worker-world-ledger' });
    let gln = 9520001000010;
    for (const [slug, party, role] of [
      ['authority', REGULATOR, 'regulator'],
      ['maker', MAKER, 'manufacturer'],
      ['wholesaler', WHOLESALER, 'distributor'],
      ['pharmacy', PHARMACY, 'pharmacy'],
    ]) {
      await owner.query(
        `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
         VALUES ($1, $1, $2, $3, '{}', ARRAY[$4], true)`,
        [slug, party, String(gln++), role],
      );
    }
    const ledger = await EmbeddedLedger.open({
      pool: ledgerDatabase.pool,
      keysDirectory: join(directory, 'keys'),
      organisations: ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'],
      regulator: REGULATOR,
    });
    return new WorkerWorld(test.url, owner, ledgerDatabase, new UnreliableLedger(ledger), async () => {
      await ledger.close();
      await ledgerDatabase.close();
      await owner.close();
      await test.close();
      await rm(directory, { recursive: true });
    });
  }

  /** A worker with connections of its own, as a process would have. */
  start(): LedgerWorker {
    const database = Database.open({
      url: this.url,
      role: 'cct_worker',
      applicationName: `worker ${this.workers.length}`,
      maxConnections: 10,
    });
    const worker = startLedgerWorker({
      pool: database.pool,
      ledger: this.ledger,
      logger: createLogger('ledger-worker', 'silent'),
      clock: new SystemClock(),
      random: new SystemRandom(),
      outboxPollMs: 50,
      heightCheckMs: 50,
      retryMs: 20,
    });
    this.workers.push({ worker, database });
    return worker;
  }

  /** Cuts all connections of the workers, as the end of their process would. */
  async kill(): Promise<void> {
    await this.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'worker %'`,
    );
  }

  async close(): Promise<void> {
    for (const { worker } of this.workers) await worker.stop();
    for (const { database } of this.workers) await database.close();
    await this.dispose();
  }

  /** Puts a command without an event into the outbox. */
  async enqueue<Name extends 'registerParty' | 'publishProfile'>(
    party: PartyId,
    command: Name,
    payload: CommandPayloads[Name],
    key: string,
  ): Promise<void> {
    await this.owner.query(
      'INSERT INTO outbox (signing_party, command, payload, object_keys) VALUES ($1, $2, $3, $4)',
      [party, command, JSON.stringify(payload), [key]],
    );
  }

  /** Stores an event with its digests and its outbox row, as a capture does, in one statement each. */
  async capture<Name extends Exclude<Command, 'registerParty' | 'publishProfile'>>(
    party: PartyId,
    command: Name,
    members: Members<Name>,
    keys: readonly string[],
    priority = 1,
  ): Promise<Captured> {
    const number = ++this.events;
    const eventTime = Date.UTC(2026, 0, 10) + number * 1000;
    const event = {
      type: 'ObjectEvent',
      eventTime: new Date(eventTime).toISOString(),
      eventTimeZoneOffset: '+00:00',
      epcList: ['https://id.gs1.org/01/09521234000013/21/1'],
      action: 'OBSERVE',
      eventID: `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    };
    const profile = 'cbv2.0-2025';
    const { canonical, digest } = documentDigest(event);
    const hash = Buffer.from(eventHash(event, EMPTY_CONTEXT, profile).hex, 'hex');
    const salt = new SystemRandom().bytes(32);
    const sealed = commitment(salt, hash, digest, profile);
    const [row] = await this.owner.query<{ id: number }>(
      `WITH event AS (
         INSERT INTO custody_event (organisation_id, event_type, event_time, document, hash_profile, event_hash, digest,
                                    salt, commitment, command)
         SELECT id, 'ObjectEvent', $1, $2, $3, $4, $5, $6, $7, $8 FROM organisation WHERE party = $9 RETURNING id
       ), queued AS (
         INSERT INTO outbox (event_id, signing_party, command, payload, object_keys, priority)
         SELECT id, $9, $8, $10, $11, $12 FROM event
       ) SELECT id FROM event`,
      [
        new Date(eventTime),
        canonical,
        profile,
        hash,
        digest,
        salt,
        sealed,
        command,
        party,
        JSON.stringify({ commitment: sealed, eventTime, ...members }),
        keys,
        priority,
      ],
    );
    return { eventId: row?.id ?? 0, commitment: sealed };
  }

  /** Parties, profile and batch `b1` through the outbox, without waiting. */
  async begin(): Promise<void> {
    for (const [party, role, prefixes] of [
      [MAKER, 'manufacturer', ['9521234']],
      [WHOLESALER, 'distributor', []],
      [PHARMACY, 'pharmacy', []],
    ] as const) {
      await this.enqueue(REGULATOR, 'registerParty', { party, roles: [role], prefixes }, `party:${party}`);
    }
    await this.enqueue(MAKER, 'publishProfile', { profile: PROFILE }, `profile:${GTIN}/1`);
    const batch = hex('b1');
    await this.capture(MAKER, 'registerBatch', { batch, profile: `${GTIN}/1`, expiry: '2030-01-31' }, [batch]);
    await this.capture(MAKER, 'addPacks', { batch, root: packRoot(PACKS) }, [batch]);
    await this.capture(MAKER, 'certifyBatch', { batch }, [batch]);
  }

  /** `behind`: what it must wait for, because the batch may not be on the ledger yet. */
  pack(unit: string, behind: readonly string[] = [hex('b1')]): Promise<Captured> {
    const members = { unit: hex(unit), children: [], sources: [], batches: [hex('b1')] };
    return this.capture(MAKER, 'aggregateUnit', members, [hex(unit), ...behind]);
  }

  ship(unit: string, from: PartyId, receiver: PartyId): Promise<Captured> {
    return this.capture(from, 'shipUnits', { units: [hex(unit)], receiver }, [hex(unit)]);
  }

  receive(unit: string, receiver: PartyId): Promise<Captured> {
    return this.capture(receiver, 'receiveUnits', { units: [hex(unit)], discrepancy: null }, [hex(unit)]);
  }

  /** Waits until a query gives a truthy first column. */
  async until(sql: string, parameters: readonly unknown[] = []): Promise<void> {
    for (let attempt = 0; attempt < 1_000; attempt++) {
      const [row] = await this.owner.query<Record<string, unknown>>(sql, parameters);
      if (row !== undefined && Object.values(row)[0] === true) return;
      await sleep(20);
    }
    const open = await this.owner.query(
      'SELECT id, command, state, attempts, last_error FROM outbox WHERE settled_at IS NULL LIMIT 5',
    );
    throw new Error(`never true: ${sql}; open: ${JSON.stringify(open)}`);
  }

  /** Everything is settled, and the projection is confirmed at the ledger's height. */
  async settled(): Promise<void> {
    await this.until(`SELECT count(*) = 0 FROM outbox WHERE state NOT IN ('committed', 'refused')`);
    await this.until(`SELECT count(*) = 0 FROM custody_event WHERE anchor_state = 'pending'`);
    const { height } = await this.ledger.health();
    await this.until(`SELECT block + 1 >= $1 AND confirmed_at > to_timestamp(0) FROM ledger_checkpoint`, [height]);
  }

  /** The number of valid transactions on the ledger that anchor a commitment. */
  async anchorings(sealed: string): Promise<number> {
    const { height } = await this.ledger.health();
    let found = 0;
    for (let number = 0; number < height; number++) {
      const block = await this.ledger.block(number);
      found += block?.transactions.filter((one) => one.event?.anchor?.commitment === sealed).length ?? 0;
    }
    return found;
  }

  /** What the read model has of a unit. */
  async unit(name: string): Promise<UnitState | undefined> {
    const [row] = await this.owner.query<{ state: UnitState }>(
      `SELECT state FROM ledger_object WHERE object_type = 'unit' AND object_key = $1`,
      [hex(name)],
    );
    return row?.state;
  }

  /** All that the projector writes, for comparison. */
  async tables(): Promise<unknown> {
    const queries = [
      'SELECT * FROM ledger_object ORDER BY object_type, object_key',
      'SELECT * FROM ledger_anchor ORDER BY commitment',
      'SELECT channel, block, transaction_index, height FROM ledger_checkpoint',
      'SELECT id, anchor_state, refusal, transaction_id, block, anchored_at FROM custody_event ORDER BY id',
      'SELECT id, state FROM outbox ORDER BY id',
    ];
    return Promise.all(queries.map((query) => this.owner.query(query)));
  }
}
