import type { Hex32, PartyId, PartyState, ProductProfile } from './basics';
import type { AccessState, BatchState, DeviceState, ObjectReference, PackState, RootState, UnitState } from './objects';
import type { Command } from './payloads';

/** The event that a committed command emits: exactly one, past tense, with the full new state of all it touched. */
export const EVENT_NAMES = {
  registerParty: 'PartyRegistered',
  suspendParty: 'PartySuspended',
  publishProfile: 'ProfilePublished',
  registerBatch: 'BatchRegistered',
  certifyBatch: 'BatchCertified',
  addPacks: 'PacksAdded',
  recallBatch: 'BatchRecalled',
  liftRecall: 'RecallLifted',
  aggregateUnit: 'UnitAggregated',
  disaggregateUnit: 'UnitDisaggregated',
  shipUnits: 'UnitsShipped',
  cancelShipment: 'ShipmentCancelled',
  receiveUnits: 'UnitsReceived',
  refuseReceipt: 'ReceiptRefused',
  receiveUnannounced: 'UnitsReceivedUnannounced',
  resolveDiscrepancy: 'DiscrepancyResolved',
  recordObservation: 'ObservationRecorded',
  recordExposure: 'ExposureRecorded',
  placeHold: 'HoldPlaced',
  assessHold: 'HoldAssessed',
  releaseHold: 'HoldReleased',
  decommissionPack: 'PackDecommissioned',
  revertDecommission: 'DecommissionReverted',
  registerDevice: 'DeviceRegistered',
  bindDevice: 'DeviceBound',
  revokeDevice: 'DeviceRevoked',
  grantAccess: 'AccessGranted',
  revokeAccess: 'AccessRevoked',
  anchorRoot: 'RootAnchored',
} as const satisfies Record<Command, string>;
export type EventName = (typeof EVENT_NAMES)[Command];

/** Who may call a command and what it leaves, in words: the README's table is made from it. */
export const COMMAND_TABLE = {
  registerParty: {
    who: 'regulator',
    effect: 'roles and prefixes stand; the same content again reinstates a suspended party',
  },
  suspendParty: {
    who: 'regulator',
    effect: 'the party can do nothing and receive nothing until it is registered again',
  },
  publishProfile: { who: 'party with the prefix', effect: 'a new version, never changed' },
  registerBatch: { who: 'manufacturer with the prefix', effect: 'registered, not certified' },
  certifyBatch: { who: 'batch owner', effect: 'certified by the Qualified Person' },
  addPacks: { who: 'batch owner', effect: 'one more Merkle root of pack keys' },
  recallBatch: {
    who: 'batch owner, regulator',
    effect: 'every unit and pack of the batch is recalled, with class and depth',
  },
  liftRecall: {
    who: 'who recalled: batch owner or that regulator',
    effect: 'his recall ends; the batch is recalled as long as anybody’s stands',
  },
  aggregateUnit: {
    who: 'custodian of all sources',
    effect: 'a new unit with the worst of its contents and all their holds',
  },
  disaggregateUnit: { who: 'custodian', effect: 'children leave with custodian, thermal state and holds of the unit' },
  shipUnits: { who: 'custodian', effect: 'in transit to the named receiver' },
  cancelShipment: { who: 'custodian', effect: 'not in transit any more, with him' },
  receiveUnits: { who: 'named receiver', effect: 'custody, with a discrepancy hold if something is wrong' },
  refuseReceipt: { who: 'named receiver', effect: 'back with the sender, with a discrepancy hold' },
  receiveUnannounced: {
    who: 'any party that was not named',
    effect: 'a claim beside the custodian, and a discrepancy hold',
  },
  resolveDiscrepancy: {
    who: 'custodian and claimant',
    effect: 'when both spoke, claim and its hold end; the custodian says who keeps the unit',
  },
  recordObservation: { who: 'custodian', effect: 'anchor only' },
  recordExposure: { who: 'custodian of that leg', effect: 'replaces the totals of one leg; places thermal holds' },
  placeHold: {
    who: 'thermal, discrepancy: custodian or batch owner; security: also who held it, is to receive it or claims it, and the regulator; authority: regulator',
    effect: 'one more hold',
  },
  assessHold: { who: 'batch owner', effect: 'says whether his goods are usable after what they have been through' },
  releaseHold: {
    who: 'thermal: custodian, when the owner of every batch found it usable; discrepancy, security: who placed it; authority: regulator',
    effect: 'the hold ends, and only what goes beyond its assessment places it again',
  },
  decommissionPack: {
    who: 'custodian of the unit',
    effect: 'dispensed, destroyed, sample, exported, stolen or locked, with proof of membership',
  },
  revertDecommission: {
    who: 'who decommissioned it, for 10 days, while he has its unit',
    effect: 'active again; never what was destroyed or stolen, or whose batch is recalled or expired',
  },
  registerDevice: {
    who: 'any party',
    effect: 'a device of his with its key; again with a later day: calibrated again',
  },
  bindDevice: {
    who: 'device owner, custodian of the unit',
    effect: 'the device measures the unit, or does not any more',
  },
  revokeDevice: { who: 'device owner', effect: 'bound no more, for good' },
  grantAccess: { who: 'custodian or batch owner', effect: 'the party may see the object’s data until then' },
  revokeAccess: { who: 'who granted it', effect: 'the grant ends' },
  anchorRoot: {
    who: 'any party, for its logs',
    effect: 'Merkle root over telemetry frames; index n needs n−1 and its root',
  },
} as const satisfies Record<Command, { readonly who: string; readonly effect: string }>;

/** All commands, in the order of the README's table. */
export const COMMANDS = Object.keys(EVENT_NAMES) as readonly Command[];

/**
 * Queries: read one object by its key; the answer is its JSON, or an empty string where there is none. `getBuildDigest`
 * (argument: an empty string) answers with the digest of the code that runs, as bare hex.
 */
export const QUERIES = [
  'getParty',
  'getProfile',
  'getBatch',
  'getUnit',
  'getPack',
  'getDevice',
  'getAccess',
  'getRoot',
  'getAnchor',
  'getBuildDigest',
] as const;
export type Query = (typeof QUERIES)[number];

/** What the ledger keeps about an event: that this party committed to it, when, and about which objects. */
export interface AnchorRecord {
  readonly commitment: Hex32;
  readonly command: Command;
  readonly party: PartyId;
  readonly objects: readonly ObjectReference[];
  readonly eventTime: number;
  /** Time of the proposal, and how much later it is than the event (0 when earlier). */
  readonly proposalTime: number;
  readonly lateByMs: number;
  readonly transactionId: string;
  /** SHA-256 of the payload: the same commitment with other content is refused. */
  readonly contentDigest: Hex32;
}

/** Payload of a ledger event. Lists hold the full new state, so that a projector needs no read. */
export interface LedgerEvent {
  readonly name: EventName;
  readonly anchor: AnchorRecord | null;
  readonly parties: readonly PartyState[];
  readonly profiles: readonly ProductProfile[];
  readonly batches: readonly BatchState[];
  readonly units: readonly UnitState[];
  readonly packs: readonly PackState[];
  /** These lists are absent where the event has none of them. */
  readonly devices?: readonly DeviceState[];
  readonly accesses?: readonly AccessState[];
  readonly roots?: readonly RootState[];
}
