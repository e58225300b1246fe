import type {
  AccessState,
  BatchState,
  DeviceState,
  EventName,
  Hex32,
  AnchorRecord,
  LedgerEvent,
  PackState,
  PartyId,
  PartyState,
  ProductProfile,
  ProfileId,
  RootState,
  UnitState,
} from '../protocol';
import type { StateReader, StateReference, StateType, StateWrite } from './call';
import { Refused } from './refused';

/** The object behind each kind of state. */
export interface States {
  party: PartyState;
  profile: ProductProfile;
  batch: BatchState;
  unit: UnitState;
  pack: PackState;
  device: DeviceState;
  access: AccessState;
  root: RootState;
  anchor: AnchorRecord;
}

const idOf = (type: StateType, key: string): string => `${type}:${key}`;

/**
 * What one call reads and will write. Every key is read once; what was put is what a later read in the same call gives,
 * which the ledger itself does not do (reads there see committed state only).
 */
export class Draft {
  private readonly seen = new Map<string, unknown>();
  private readonly changed = new Map<string, StateWrite>();

  constructor(private readonly reader: StateReader) {}

  /** The state, or undefined. The reader returns what an earlier decision wrote, so its shape is known. */
  async find<Type extends StateType>(type: Type, key: string): Promise<States[Type] | undefined> {
    await this.load([{ type, key }]);
    return this.seen.get(idOf(type, key)) as States[Type] | undefined;
  }

  /** Reads at once what will be asked for: on a ledger each read is a message to the peer and back. */
  async load(wanted: readonly StateReference[]): Promise<void> {
    const missing = new Map<string, StateReference>();
    for (const reference of wanted) {
      const id = idOf(reference.type, reference.key);
      if (!this.seen.has(id)) missing.set(id, reference);
    }
    if (missing.size === 0) return;
    const states = await this.reader([...missing.values()]);
    [...missing.keys()].forEach((id, index) => this.seen.set(id, states[index]));
  }

  /** Replaces a state. */
  put<Type extends StateType>(type: Type, key: string, state: States[Type]): void {
    this.seen.set(idOf(type, key), state);
    this.changed.set(idOf(type, key), { type, key, state });
  }

  /** @throws Refused `party-unknown`, `party-suspended`. */
  async caller(party: PartyId): Promise<PartyState> {
    const state = await this.find('party', party);
    if (state === undefined) throw new Refused('party-unknown', { party });
    if (state.state === 'suspended') throw new Refused('party-suspended', { party });
    return state;
  }

  /** @throws Refused `profile-unknown`. */
  async profile(key: ProfileId): Promise<ProductProfile> {
    const state = await this.find('profile', key);
    if (state === undefined) throw new Refused('profile-unknown', { profile: key });
    return state;
  }

  /** @throws Refused `batch-unknown`. */
  async batch(key: Hex32): Promise<BatchState> {
    const state = await this.find('batch', key);
    if (state === undefined) throw new Refused('batch-unknown', { batch: key });
    return state;
  }

  /** @throws Refused `unit-unknown`. */
  async unit(key: Hex32): Promise<UnitState> {
    const state = await this.find('unit', key);
    if (state === undefined) throw new Refused('unit-unknown', { unit: key });
    return state;
  }

  /** @throws Refused `device-unknown`. */
  async device(key: Hex32): Promise<DeviceState> {
    const state = await this.find('device', key);
    if (state === undefined) throw new Refused('device-unknown', { device: key });
    return state;
  }

  /** All writes, in ascending order of their keys: the same call writes the same bytes in the same order. */
  writes(): StateWrite[] {
    return [...this.changed.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, write]) => write);
  }

  /** The event with the full new state of all that changed. */
  event(name: EventName, anchor: AnchorRecord | null): LedgerEvent {
    const [devices, accesses, roots] = [this.list('device'), this.list('access'), this.list('root')];
    return {
      name,
      anchor,
      parties: this.list('party'),
      profiles: this.list('profile'),
      batches: this.list('batch'),
      units: this.list('unit'),
      packs: this.list('pack'),
      ...(devices.length === 0 ? {} : { devices }),
      ...(accesses.length === 0 ? {} : { accesses }),
      ...(roots.length === 0 ? {} : { roots }),
    };
  }

  private list<Type extends StateType>(type: Type): States[Type][] {
    return this.writes()
      .filter((write) => write.type === type)
      .map((write) => write.state as States[Type]);
  }
}
