import type { EventName } from '@coldchain/chaincode/protocol';
import { type Command, EVENT_NAMES } from '@coldchain/chaincode/protocol';

const SENTENCES = {
  PartyRegistered: 'A party was registered',
  PartySuspended: 'A party was suspended',
  ProfilePublished: 'A profile was published',
  BatchRegistered: 'The batch was registered',
  BatchCertified: 'The batch was certified',
  PacksAdded: 'The packs were commissioned',
  BatchRecalled: 'The batch was recalled',
  RecallLifted: 'The recall was lifted',
  UnitAggregated: 'Packed into a unit',
  UnitDisaggregated: 'Unpacked',
  UnitsShipped: 'Shipped',
  ShipmentCancelled: 'The shipment was called back',
  UnitsReceived: 'Received',
  ReceiptRefused: 'The receiver refused it',
  UnitsReceivedUnannounced: 'Received without being announced',
  DiscrepancyResolved: 'Custodian or claimant spoke about the claim',
  ObservationRecorded: 'Observed',
  ExposureRecorded: 'Temperatures recorded',
  HoldPlaced: 'Quarantined',
  HoldAssessed: 'An owner assessed a hold',
  HoldReleased: 'A hold was released',
  PackDecommissioned: 'Taken out of the supply chain',
  DecommissionReverted: 'Put back into the supply chain',
  DeviceRegistered: 'A device was registered',
  DeviceBound: 'A device was bound or taken off',
  DeviceRevoked: 'A device was taken out of use',
  AccessGranted: 'Access was granted',
  AccessRevoked: 'Access was revoked',
  RootAnchored: 'A root of telemetry was anchored',
} as const satisfies Record<EventName, string>;

const isCommand = (command: string): command is Command => Object.hasOwn(EVENT_NAMES, command);

/** What happened, in words; the last step of a pack and a binding say more by business step and disposition. */
export function sentenceOf(command: string, bizStep: string | null, disposition: string | null): string {
  if (!isCommand(command)) return command;
  if (command === 'decommissionPack' && disposition !== null) return `Pack ${wordOf(disposition)}`;
  if (command === 'recordObservation' && bizStep !== null) return `Observed: ${wordOf(bizStep)}`;
  return SENTENCES[EVENT_NAMES[command]];
}

/** `storing` of `https://ref.gs1.org/cbv/BizStep-storing` or of the bare word. */
const wordOf = (term: string): string => (term.split(/[-/:]/).at(-1) ?? term).replaceAll('_', ' ');
