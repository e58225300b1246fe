import type { Hex32, LegRecord, PartyId, PartyRole, ProductProfile, ProfileId } from './basics';
import type { HoldConclusion, HoldKind, HoldReference, ObjectReference, PackStatus } from './objects';

/** Common to every command that anchors an EPCIS event. */
export interface EventPayload {
  readonly commitment: Hex32;
  /** The event's own time. */
  readonly eventTime: number;
}

export interface RegisterPartyPayload {
  readonly party: PartyId;
  readonly roles: readonly PartyRole[];
  readonly prefixes: readonly string[];
}
export interface SuspendPartyPayload {
  readonly party: PartyId;
}
export interface PublishProfilePayload {
  readonly profile: ProductProfile;
}
export interface RegisterBatchPayload extends EventPayload {
  readonly batch: Hex32;
  readonly profile: ProfileId;
  readonly expiry: string;
}
export interface CertifyBatchPayload extends EventPayload {
  readonly batch: Hex32;
}
export interface AddPacksPayload extends EventPayload {
  readonly batch: Hex32;
  readonly root: Hex32;
}
export interface RecallBatchPayload extends EventPayload {
  readonly batch: Hex32;
  readonly class: 1 | 2 | 3;
  readonly depth: 'wholesale' | 'pharmacy' | 'patient';
}
export interface LiftRecallPayload extends EventPayload {
  readonly batch: Hex32;
}
export interface AggregateUnitPayload extends EventPayload {
  /** A new unit. */
  readonly unit: Hex32;
  /** Units packed whole into it: they become its children. */
  readonly children: readonly Hex32[];
  /** Units that loose packs were taken from: their thermal state and holds are inherited too. */
  readonly sources: readonly Hex32[];
  /** Batches of packs that were in no unit before (straight from production; caller must own them). */
  readonly batches: readonly Hex32[];
}
export interface DisaggregateUnitPayload extends EventPayload {
  readonly unit: Hex32;
  /** Children taken out; all of them dissolves the unit. */
  readonly children: readonly Hex32[];
}
export interface ShipUnitsPayload extends EventPayload {
  readonly units: readonly Hex32[];
  readonly receiver: PartyId;
}
export interface ReceiveUnitsPayload extends EventPayload {
  readonly units: readonly Hex32[];
  /** Commitment of the discrepancy that the receiver saw: places a discrepancy hold. */
  readonly discrepancy: Hex32 | null;
}
export interface CancelShipmentPayload extends EventPayload {
  readonly units: readonly Hex32[];
}
export interface RefuseReceiptPayload extends EventPayload {
  readonly units: readonly Hex32[];
  /** Commitment of what the receiver objects to. */
  readonly discrepancy: Hex32;
}
export interface ReceiveUnannouncedPayload extends EventPayload {
  readonly units: readonly Hex32[];
}
export interface ResolveDiscrepancyPayload extends EventPayload {
  readonly units: readonly Hex32[];
  /** Who keeps the units: the custodian names himself or the claimant. null from the claimant, who leaves it to him. */
  readonly custodyTo: PartyId | null;
}
export interface PlaceHoldPayload extends EventPayload {
  readonly units: readonly Hex32[];
  readonly kind: HoldKind;
}
export interface AssessHoldPayload extends EventPayload {
  readonly units: readonly Hex32[];
  readonly hold: HoldReference;
  /** For all batches of the caller in the units. */
  readonly conclusion: HoldConclusion;
}
export interface ReleaseHoldPayload extends EventPayload {
  readonly units: readonly Hex32[];
  readonly hold: HoldReference;
}
export interface RecordObservationPayload extends EventPayload {
  readonly units: readonly Hex32[];
}
export interface RecordExposurePayload extends EventPayload {
  readonly unit: Hex32;
  readonly record: LegRecord;
}
export interface DecommissionPackPayload extends EventPayload {
  readonly pack: Hex32;
  readonly batch: Hex32;
  readonly unit: Hex32;
  readonly status: PackStatus;
  /** RFC 9162 inclusion proof of the pack key against `batch.packRoots[run]`. */
  readonly proof: {
    readonly run: number;
    readonly index: number;
    readonly size: number;
    readonly path: readonly Hex32[];
  };
}

export interface RevertDecommissionPayload extends EventPayload {
  readonly pack: Hex32;
}
export interface RegisterDevicePayload {
  readonly device: Hex32;
  readonly publicKey: Hex32;
  readonly calibrationDue: string;
}
export interface BindDevicePayload extends EventPayload {
  readonly device: Hex32;
  readonly unit: Hex32;
  /** Association ADD or DELETE. */
  readonly action: 'bind' | 'unbind';
}
export interface RevokeDevicePayload {
  readonly device: Hex32;
}
export interface GrantAccessPayload {
  readonly object: ObjectReference;
  readonly party: PartyId;
  readonly until: number;
}
export interface RevokeAccessPayload {
  readonly object: ObjectReference;
  readonly party: PartyId;
}
export interface AnchorRootPayload {
  readonly log: Hex32;
  readonly index: number;
  readonly root: Hex32;
  readonly count: number;
  readonly window: { readonly from: number; readonly to: number };
  readonly previous: Hex32 | null;
}

/** Every command with its payload. */
export interface CommandPayloads {
  readonly registerParty: RegisterPartyPayload;
  readonly suspendParty: SuspendPartyPayload;
  readonly publishProfile: PublishProfilePayload;
  readonly registerBatch: RegisterBatchPayload;
  readonly certifyBatch: CertifyBatchPayload;
  readonly addPacks: AddPacksPayload;
  readonly recallBatch: RecallBatchPayload;
  readonly liftRecall: LiftRecallPayload;
  readonly aggregateUnit: AggregateUnitPayload;
  readonly disaggregateUnit: DisaggregateUnitPayload;
  readonly shipUnits: ShipUnitsPayload;
  readonly cancelShipment: CancelShipmentPayload;
  readonly receiveUnits: ReceiveUnitsPayload;
  readonly refuseReceipt: RefuseReceiptPayload;
  readonly receiveUnannounced: ReceiveUnannouncedPayload;
  readonly resolveDiscrepancy: ResolveDiscrepancyPayload;
  readonly recordObservation: RecordObservationPayload;
  readonly recordExposure: RecordExposurePayload;
  readonly placeHold: PlaceHoldPayload;
  readonly assessHold: AssessHoldPayload;
  readonly releaseHold: ReleaseHoldPayload;
  readonly decommissionPack: DecommissionPackPayload;
  readonly revertDecommission: RevertDecommissionPayload;
  readonly registerDevice: RegisterDevicePayload;
  readonly bindDevice: BindDevicePayload;
  readonly revokeDevice: RevokeDevicePayload;
  readonly grantAccess: GrantAccessPayload;
  readonly revokeAccess: RevokeAccessPayload;
  readonly anchorRoot: AnchorRootPayload;
}
export type Command = keyof CommandPayloads;

/** Commands that carry one EPCIS event and anchor it. */
export type AnchoredCommand = {
  [Name in Command]: CommandPayloads[Name] extends EventPayload ? Name : never;
}[Command];
/** Commands without an event: their object's own key makes them repeatable. */
export type StandingCommand = Exclude<Command, AnchoredCommand>;
