import { accessKey, type AnchorRecord, type LedgerEvent, profileId, rootKey } from '@coldchain/chaincode/protocol';
import type { LedgerBlock } from '@coldchain/ledger';

/** The last state that a block gives an object. */
export interface ProjectedObject {
  readonly type: 'party' | 'profile' | 'batch' | 'unit' | 'pack' | 'device' | 'access' | 'root';
  readonly key: string;
  readonly state: object;
  readonly transactionId: string;
}

/** An anchor that a block brought. */
export interface ProjectedAnchor {
  readonly record: AnchorRecord;
  readonly transactionId: string;
  /** ms */
  readonly timestamp: number;
}

/** What one block changes in the read model. */
export interface BlockEffects {
  /** Each object once, in ascending order of type and key. */
  readonly objects: readonly ProjectedObject[];
  readonly anchors: readonly ProjectedAnchor[];
  readonly validTransactionIds: readonly string[];
}

function objectsOf(event: LedgerEvent, transactionId: string): ProjectedObject[] {
  return [
    ...event.parties.map((state) => ({ type: 'party' as const, key: state.party, state, transactionId })),
    ...event.profiles.map((state) => ({ type: 'profile' as const, key: profileId(state), state, transactionId })),
    ...event.batches.map((state) => ({ type: 'batch' as const, key: state.batch, state, transactionId })),
    ...event.units.map((state) => ({ type: 'unit' as const, key: state.unit, state, transactionId })),
    ...event.packs.map((state) => ({ type: 'pack' as const, key: state.pack, state, transactionId })),
    ...(event.devices ?? []).map((state) => ({ type: 'device' as const, key: state.device, state, transactionId })),
    ...(event.accesses ?? []).map((state) => ({
      type: 'access' as const,
      key: accessKey(state),
      state,
      transactionId,
    })),
    ...(event.roots ?? []).map((state) => ({ type: 'root' as const, key: rootKey(state), state, transactionId })),
  ];
}

const nameOf = (object: ProjectedObject): string => `${object.type} ${object.key}`;

/** Folds a block's events; events hold full states, so nothing is read. Void transactions have no event. */
export function effectsOf(block: LedgerBlock): BlockEffects {
  const objects = new Map<string, ProjectedObject>();
  const anchors: ProjectedAnchor[] = [];
  const valid = block.transactions.filter((transaction) => transaction.valid);
  for (const { event, transactionId, timestamp } of valid) {
    if (event === null) continue;
    for (const object of objectsOf(event, transactionId)) objects.set(nameOf(object), object);
    if (event.anchor !== null) anchors.push({ record: event.anchor, transactionId, timestamp });
  }
  return {
    objects: [...objects.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
    anchors,
    validTransactionIds: valid.map((transaction) => transaction.transactionId),
  };
}
