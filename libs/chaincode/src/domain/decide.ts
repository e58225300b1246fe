import {
  type AnchoredCommand,
  type AnchorRecord,
  type CommandPayloads,
  EVENT_NAMES,
  MAX_FUTURE_MS,
  MAX_OBJECTS,
  type ObjectReference,
  type ObjectType,
  type PartyId,
  type StandingCommand,
} from '../protocol';
import { grantAccess, revokeAccess } from './access';
import { addPacks, certifyBatch, registerBatch } from './batch';
import type { Call, Decision, StandingState, StateReader } from './call';
import { contentDigest } from './canonical';
import { resolveDiscrepancy } from './claim';
import type { Context } from './context';
import { bindDevice, registerDevice, revokeDevice } from './device';
import { Draft } from './draft';
import { recordExposure } from './exposure';
import { receiveUnannounced, receiveUnits, recordObservation, shipUnits } from './movement';
import { namedObjects, statesBehind } from './objects';
import { decommissionPack, revertDecommission } from './pack';
import { aggregateUnit, disaggregateUnit } from './packing';
import { registerParty, seedParty, suspendParty } from './party';
import { parsePayload } from './payload';
import { publishProfile } from './profile';
import { assessHold, placeHold, releaseHold } from './quarantine';
import { liftRecall, recallBatch } from './recall';
import { Refused } from './refused';
import { cancelShipment, refuseReceipt } from './shipment';
import type { Registered, StandingContext } from './standing';
import { anchorRoot } from './telemetry-root';

type Rule<Name extends AnchoredCommand> = (payload: CommandPayloads[Name], context: Context) => Promise<void>;

const RULES: { readonly [Name in AnchoredCommand]: Rule<Name> } = {
  registerBatch,
  certifyBatch,
  addPacks,
  recallBatch,
  liftRecall,
  aggregateUnit,
  disaggregateUnit,
  shipUnits,
  cancelShipment,
  receiveUnits,
  refuseReceipt,
  receiveUnannounced,
  resolveDiscrepancy,
  recordObservation,
  recordExposure,
  placeHold,
  assessHold,
  releaseHold,
  decommissionPack,
  revertDecommission,
  bindDevice,
};

type StandingRule<Name extends StandingCommand> = (
  payload: CommandPayloads[Name],
  context: StandingContext,
) => Promise<Registered<StandingState>>;

const STANDING_RULES: { readonly [Name in StandingCommand]: StandingRule<Name> } = {
  registerParty,
  suspendParty,
  publishProfile,
  registerDevice,
  revokeDevice,
  grantAccess,
  revokeAccess,
  anchorRoot,
};

const isStanding = (command: Call['command']): command is StandingCommand => Object.hasOwn(STANDING_RULES, command);

/**
 * Judges one call against the states that `read` gives. Pure but for those reads: no clock, no randomness, no locale, so
 * that every endorser, and the database before an act is stored, comes to the same decision.
 * @throws only what `read` throws; every refusal is a value.
 */
export async function decide(call: Call, read: StateReader): Promise<Decision> {
  return refusing(() => {
    const draft = new Draft(read);
    return isStanding(call.command)
      ? decideStanding(call.command, call, draft)
      : decideAnchored(call.command, call, draft);
  });
}

/**
 * Judges the call that puts the regulator's party on an empty ledger.
 * @param seeded the party that was seeded before, if any
 */
export async function decideSeed(caller: PartyId, seeded: PartyId | undefined): Promise<Decision> {
  return refusing(async () => {
    const { state, replay } = seedParty(caller, seeded);
    const draft = new Draft(async (references) => references.map(() => undefined));
    draft.put('party', state.party, state);
    return replay
      ? { ok: true, replay, writes: [], event: null, result: state }
      : { ok: true, replay, writes: draft.writes(), event: draft.event('PartyRegistered', null), result: state };
  });
}

async function refusing(judge: () => Promise<Decision>): Promise<Decision> {
  try {
    return await judge();
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: { code: error.code, details: error.details } };
    throw error;
  }
}

async function decideStanding<Name extends StandingCommand>(
  command: Name,
  call: Call,
  draft: Draft,
): Promise<Decision> {
  const payload = parsePayload(command, call.payload);
  const { caller, proposalTime } = call;
  const { state, replay } = await STANDING_RULES[command](payload, { draft, caller, proposalTime });
  const event = replay ? null : draft.event(EVENT_NAMES[command], null);
  return { ok: true, replay, writes: draft.writes(), event, result: state };
}

async function decideAnchored<Name extends AnchoredCommand>(
  command: Name,
  call: Call,
  draft: Draft,
): Promise<Decision> {
  const payload = parsePayload(command, call.payload);
  const digest = contentDigest(payload);
  await draft.load(statesBehind(command, payload, call.caller));
  const known = await draft.find('anchor', payload.commitment);
  if (known !== undefined) return replayed(known, command, call.caller, digest);

  const named = namedObjects(command, payload);
  const caller = await draft.caller(call.caller);
  if (payload.eventTime > call.proposalTime + MAX_FUTURE_MS) {
    throw new Refused('event-in-future', { eventTime: payload.eventTime, proposalTime: call.proposalTime });
  }
  const { commitment, eventTime } = payload;
  await RULES[command](payload, { draft, caller, commitment, eventTime, proposalTime: call.proposalTime });

  const anchor: AnchorRecord = {
    commitment,
    command,
    party: call.caller,
    objects: touchedObjects(named, draft),
    eventTime,
    proposalTime: call.proposalTime,
    lateByMs: Math.max(0, call.proposalTime - eventTime),
    transactionId: call.transactionId,
    contentDigest: digest,
  };
  const event = draft.event(EVENT_NAMES[command], anchor);
  draft.put('anchor', commitment, anchor);
  return { ok: true, replay: false, writes: draft.writes(), event, result: anchor };
}

/** The same act again gives its record; the same commitment for anything else is refused. */
function replayed(known: AnchorRecord, command: AnchoredCommand, caller: PartyId, digest: string): Decision {
  if (known.command !== command || known.party !== caller || known.contentDigest !== digest) {
    throw new Refused('commitment-reused', { commitment: known.commitment, transactionId: known.transactionId });
  }
  return { ok: true, replay: true, writes: [], event: null, result: known };
}

/** What the event names, then what else it changed (heirs of a late exposure). */
function touchedObjects(named: readonly ObjectReference[], draft: Draft): ObjectReference[] {
  const isObject = (type: string): type is ObjectType => type === 'batch' || type === 'unit' || type === 'pack';
  const objects = [...named];
  for (const { type, key } of draft.writes()) {
    if (!isObject(type) || named.some((known) => known.type === type && known.key === key)) continue;
    objects.push({ type, key });
  }
  if (objects.length > MAX_OBJECTS) {
    throw new Refused('too-many-objects', { objects: objects.length, most: MAX_OBJECTS });
  }
  return objects;
}
