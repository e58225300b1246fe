import { decide, type Decision, type StateType } from '@coldchain/chaincode/domain';
import type {
  AnchoredCommand,
  Command,
  CommandPayloads,
  EventPayload,
  LedgerEvent,
  ObjectReference,
  PartyId,
  StandingCommand,
  UnitState,
} from '@coldchain/chaincode/protocol';
import { commitment, documentDigest, type EpcisEvent, EVENT_CONTEXT, eventHash } from '@coldchain/epcis';
import { eventTimeOf, type ActContext, type RecordedAct } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { expectedStateReader, lockExpected, unsettled, writeExpected } from './expected-state.js';

/** The profile that hashes events captured here: the reference that trading partners have verified since 2025. */
export const HASH_PROFILE = 'cbv2.0-2025';

/** An act ready to be captured: the event that tells it, and the ledger command without what the event decides. */
export interface Act<Name extends AnchoredCommand> {
  readonly command: Name;
  readonly payload: Omit<CommandPayloads[Name], keyof EventPayload>;
  readonly event: EpcisEvent;
  /** Objects the event is about. */
  readonly objects: readonly ObjectReference[];
  /** Objects that the command reads but does not change. */
  readonly reads?: readonly { readonly type: StateType; readonly key: string }[];
  /** Parties that see the event although they do not hold what it is about (the sender of what is received). */
  readonly sharedWith?: readonly PartyId[];
  /** What belongs to the act and has no place in an EPCIS event; kept with it, never digested. */
  readonly attachment?: object;
}

/** The stored act and the ledger event that its command will emit. */
export interface CapturedAct {
  readonly recorded: RecordedAct;
  /** null when the act had been captured before. */
  readonly expected: LedgerEvent | null;
}

/**
 * The one place where an act becomes a custody event: judged by the contract's own rules against the expected state,
 * then event, hash, digest, salt, commitment, objects, access and outbox row are written in the caller's transaction.
 *
 * @throws ActRefused with the contract's code when the rules refuse, `event-recorded-otherwise` when the same event was
 * recorded for another command; nothing is written then.
 */
export async function recordAct<Name extends AnchoredCommand>(
  context: ActContext,
  act: Act<Name>,
): Promise<CapturedAct> {
  const { transaction, organisation } = context;
  const digested = documentDigest(act.event);
  const earlier = await findByDigest(context, digested.digest);
  if (earlier !== undefined) {
    // The same event cannot stand for two acts: the second one would look recorded and be none.
    if (earlier.command !== act.command) throw new ActRefused('event-recorded-otherwise', { command: earlier.command });
    return { recorded: earlier.recorded, expected: null };
  }

  const hash = eventHash(act.event, EVENT_CONTEXT, HASH_PROFILE);
  const salt = context.random.bytes(32);
  const sealed = commitment(salt, Buffer.from(hash.hex, 'hex'), digested.digest, HASH_PROFILE);
  const payload = { commitment: sealed, eventTime: eventTimeOf(context), ...act.payload };
  await lockExpected(
    transaction,
    act.objects.map((object) => object.key),
  );
  const decision = await judge(context, act.command, payload);
  await writeExpected(transaction, decision.writes);

  const rows = await transaction.query<{ id: number; recorded_at: Date }>(
    `INSERT INTO custody_event (organisation_id, event_type, action, biz_step, disposition, event_time, recorded_at,
                                document, hash_profile, event_hash, digest, salt, commitment, command, attachment)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id, recorded_at`,
    [
      organisation.id,
      act.event.type,
      textOf(act.event, 'action'),
      textOf(act.event, 'bizStep'),
      textOf(act.event, 'disposition'),
      new Date(payload.eventTime),
      new Date(context.clock.now()),
      digested.canonical,
      HASH_PROFILE,
      Buffer.from(hash.hex, 'hex'),
      digested.digest,
      salt,
      sealed,
      act.command,
      act.attachment === undefined ? null : JSON.stringify(act.attachment),
    ],
  );
  const stored = rows[0];
  if (stored === undefined) throw new Error('custody_event: insert returned no row');
  await transaction.query(
    `INSERT INTO custody_event_object (event_id, object_type, object_key)
     SELECT $1, * FROM unnest($2::text[], $3::text[])`,
    [stored.id, act.objects.map((object) => object.type), act.objects.map((object) => object.key)],
  );
  const audience = act.command === 'recordExposure' ? measuredFor : holdersOf;
  await share(context, stored.id, [...(decision.event?.units ?? []).flatMap(audience), ...(act.sharedWith ?? [])]);
  await transaction.query('SELECT share_with_grants($1)', [stored.id]);
  await showToOwners(context, stored.id, decision.event);
  await enqueue(context, act.command, payload, decision, act.reads ?? [], stored.id);
  return {
    recorded: {
      eventId: stored.id,
      commitment: sealed,
      eventHash: hash.ni,
      digest: digested.digest.toString('hex'),
      recordedAt: stored.recorded_at,
      repeated: false,
    },
    expected: decision.event,
  };
}

type Accepted = Extract<Decision, { ok: true }>;

/** Judges a command against the expected state. @throws ActRefused */
export async function judge(context: ActContext, command: Command, payload: unknown): Promise<Accepted> {
  const decision = await decide(
    {
      command,
      payload,
      caller: context.organisation.party,
      proposalTime: context.clock.now(),
      transactionId: '0'.repeat(64),
    },
    expectedStateReader(context.transaction, command),
  );
  if (!decision.ok) throw new ActRefused(decision.refusal.code, decision.refusal.details);
  return decision;
}

/** What came of a command without an event: the state that will stand, and whether it stood before. */
export interface Standing<State> {
  readonly state: State;
  /** true: it had been captured before; nothing was queued now. */
  readonly repeated: boolean;
}

/**
 * Captures a command without an event: judged, expected and queued. @throws ActRefused
 */
export async function recordStanding<State>(
  context: ActContext,
  command: StandingCommand,
  payload: CommandPayloads[StandingCommand],
  reads: readonly { readonly type: StateType; readonly key: string }[] = [],
): Promise<Standing<State>> {
  const decision = await judge(context, command, payload);
  // The rules say what each of these commands results in; the caller names that type.
  const state = decision.result as State;
  if (decision.replay) return { state, repeated: true };
  await writeExpected(context.transaction, decision.writes);
  await enqueue(context, command, payload, decision, reads, null);
  return { state, repeated: false };
}

/** Puts a judged command into the outbox; order is kept per object that it writes, or reads unsettled. */
export async function enqueue(
  context: ActContext,
  command: Command,
  payload: unknown,
  decision: Accepted,
  reads: readonly { readonly type: StateType; readonly key: string }[],
  eventId: number | null,
): Promise<void> {
  const { transaction, organisation } = context;
  const written = decision.writes.filter((write) => write.type !== 'anchor');
  const orderKeys = new Set(
    written.map((write) =>
      write.type === 'profile' || write.type === 'party' ? `${write.type}:${write.key}` : write.key,
    ),
  );
  const readOnly = reads.filter(
    (object) => !written.some((write) => write.type === object.type && write.key === object.key),
  );
  const waiting = new Set(await unsettled(transaction, readOnly));
  for (const object of readOnly) {
    if (waiting.has(object.key)) orderKeys.add(object.type === 'profile' ? `profile:${object.key}` : object.key);
  }
  await transaction.query(
    `INSERT INTO outbox (event_id, signing_party, command, payload, object_keys, priority)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      eventId,
      organisation.party,
      command,
      JSON.stringify(payload),
      [...orderKeys].sort(),
      decision.event !== null && isUrgent(command, decision.event) ? 0 : 1,
    ],
  );
}

/** What keeps goods from being used overtakes other traffic: it has to be on the ledger within seconds. */
function isUrgent(command: Command, event: LedgerEvent): boolean {
  if (command === 'recallBatch' || command === 'suspendParty') return true;
  if (command === 'recordExposure') return event.units.some((unit) => unit.holds.length > 0);
  // A hold of this very act: placed by a person, or by a receipt with a discrepancy, unannounced or refused.
  const commitment = event.anchor?.commitment;
  return event.units.some((unit) => unit.holds.some((hold) => hold.commitment === commitment));
}

/** The custodian, the named receiver and a claimant of a unit see the events about it. */
async function share(context: ActContext, eventId: number, parties: readonly PartyId[]): Promise<void> {
  const others = [...new Set(parties)].filter((party) => party !== context.organisation.party);
  if (others.length === 0) return;
  await context.transaction.query('SELECT share_event($1, id) FROM organisation WHERE party = ANY($2)', [
    eventId,
    others,
  ]);
}

const holdersOf = (unit: UnitState): string[] =>
  [unit.custodian, unit.receiver, unit.claimedBy].filter((party) => party !== null);

/** Anybody can claim a unit; what is measured on it is for those who hold it or were named. */
const measuredFor = (unit: UnitState): string[] => [unit.custodian, unit.receiver].filter((party) => party !== null);

/** Owners of the batches in units under a thermal hold see those units: theirs is the assessment. */
async function showToOwners(context: ActContext, eventId: number, event: LedgerEvent | null): Promise<void> {
  const held = (event?.units ?? []).filter((unit) => unit.holds.some((hold) => hold.kind === 'thermal'));
  if (held.length === 0) return;
  await context.transaction.query('SELECT show_held_units($1, $2)', [held.map((unit) => unit.unit), eventId]);
}

async function findByDigest(
  context: ActContext,
  digest: Buffer,
): Promise<{ readonly recorded: RecordedAct; readonly command: string } | undefined> {
  const [row] = await context.transaction.query<StoredEvent & { readonly command: string }>(
    `SELECT id, command, commitment, event_hash, digest, recorded_at FROM custody_event
     WHERE organisation_id = $1 AND digest = $2`,
    [context.organisation.id, digest],
  );
  return row === undefined ? undefined : { recorded: repeatedAct(row), command: row.command };
}

/** A stored event as far as it answers the act that made it. */
export interface StoredEvent {
  readonly id: number;
  readonly commitment: string;
  readonly event_hash: Buffer;
  readonly digest: Buffer;
  readonly recorded_at: Date;
}

/** The answer to an act that was recorded before. */
export const repeatedAct = (row: StoredEvent): RecordedAct => ({
  eventId: row.id,
  commitment: row.commitment,
  eventHash: `ni:///sha-256;${row.event_hash.toString('hex')}?ver=CBV2.0`,
  digest: row.digest.toString('hex'),
  recordedAt: row.recorded_at,
  repeated: true,
});

function textOf(event: EpcisEvent, member: 'action' | 'bizStep' | 'disposition'): string | null {
  const value: unknown = Reflect.get(event, member);
  return typeof value === 'string' ? value : null;
}
