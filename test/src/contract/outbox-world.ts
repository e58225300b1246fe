import type { Command, CommandPayloads, PartyId, UnitState } from '@coldchain/chaincode/protocol';
import { packRoot } from '@coldchain/chaincode/domain';
import type { Database } from '@coldchain/database';
import { commitment, documentDigest, EMPTY_CONTEXT, eventHash } from '@coldchain/epcis';
import { sleep, SystemRandom } from '@coldchain/kernel';
import { GTIN, hex, MAKER, PACKS, PHARMACY, PROFILE, REGULATOR, WHOLESALER } from './ledger.suite.js';

/** How long something that must become true may take, also on a machine that others use. */
const PATIENCE_MS = 90_000;

/** Members of a payload that the event itself does not give. */
type Members<Name extends Command> = Omit<CommandPayloads[Name], 'commitment' | 'eventTime'>;

/** A stored event and its outbox row. */
export interface Captured {
  readonly eventId: number;
  readonly commitment: string;
}

/** A database with organisations, whose outbox is filled as captures fill it. Who relays it is up to the spec. */
export class OutboxWorld {
  private events = 0;

  constructor(readonly owner: Database) {}

  /** The organisations, all served here. */
  async organisations(): Promise<void> {
    let gln = 9520001000010;
    for (const [slug, party, role] of [
      ['authority', REGULATOR, 'regulator'],
      ['maker', MAKER, 'manufacturer'],
      ['wholesaler', WHOLESALER, 'distributor'],
      ['pharmacy', PHARMACY, 'pharmacy'],
    ]) {
      await this.owner.query(
        `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
         VALUES ($1, $1, $2, $3, '{}', ARRAY[$4], true)`,
        [slug, party, String(gln++), role],
      );
    }
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
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
      const [row] = await this.owner.query<Record<string, unknown>>(sql, parameters);
      if (row !== undefined && Object.values(row)[0] === true) return;
      await sleep(20);
    }
    const open = await this.owner.query(
      'SELECT id, command, state, attempts, last_error FROM outbox WHERE settled_at IS NULL LIMIT 5',
    );
    throw new Error(`never true: ${sql}; open: ${JSON.stringify(open)}`);
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
