import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type {
  AnchorRecord,
  BatchState,
  Command,
  CommandPayloads,
  Hex32,
  HoldKind,
  HoldReference,
  LegRecord,
  PartyId,
  PartyState,
  ProductProfile,
  Refusal,
  StandingCommand,
  UnitState,
} from '../protocol';
import type { Decision, StateReader, StateType } from './call';
import { decide } from './decide';
import { packPath, packRoot } from './pack-proof';
import { readEvent, readState, writtenEvent, writtenState } from './written-form';

/** 64 hex digits that a test can name. */
export const hex = (name: string): Hex32 => createHash('sha256').update(name).digest('hex');

export const REGULATOR = 'RegulatorMSP:regulator';
export const MAKER = 'ManufacturerMSP:maker';
export const OTHER_MAKER = 'ManufacturerMSP:other-maker';
export const WHOLESALER = 'DistributorMSP:wholesaler';
export const PHARMACY = 'PharmacyMSP:pharmacy';
export const LABORATORY = 'RegulatorMSP:laboratory';
export const SUSPENDED = 'PharmacyMSP:suspended';

export const HOUR = 3_600_000;
export const GTIN = '09521234000013';

export const profile: ProductProfile = {
  gtin: GTIN,
  version: 1,
  storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
  ranges: [
    { name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 10 * HOUR },
    { name: 'above 25', comparator: '>', limitMilliCelsius: 25_000, allowedMs: HOUR },
  ],
  combine: 'independent',
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR },
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: HOUR, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0, 0],
};

const STANDING: ReadonlySet<Command> = new Set<StandingCommand>([
  'registerParty',
  'suspendParty',
  'publishProfile',
  'registerDevice',
  'revokeDevice',
  'grantAccess',
  'revokeAccess',
  'anchorRoot',
]);

/** What a call said: the code of its refusal, or `ok`. */
export type Said = 'ok' | Refusal;

type Members<Name extends Command> = Partial<CommandPayloads[Name]>;

/** A ledger in memory that runs the rules one call at a time, and small verbs to build a story. */
export class World {
  readonly states = new Map<string, string>();
  now = Date.UTC(2026, 0, 10);
  private calls = 0;

  readonly read: StateReader = async (references) =>
    references.map(({ type, key }) => {
      const stored = this.states.get(`${type}:${key}`);
      return stored === undefined ? undefined : readState(type, key, stored);
    });

  /** Parties, one published profile and a certified batch `b1` with one production run. */
  static async open(): Promise<World> {
    const world = new World();
    const party = (id: PartyId, roles: PartyState['roles'], prefixes: readonly string[] = []): void =>
      world.put('party', id, { party: id, roles, prefixes, state: id === SUSPENDED ? 'suspended' : 'authorised' });
    party(REGULATOR, ['regulator']);
    party(MAKER, ['manufacturer'], ['9521234']);
    party(OTHER_MAKER, ['manufacturer'], ['9529999']);
    party(WHOLESALER, ['distributor']);
    party(PHARMACY, ['pharmacy']);
    party(LABORATORY, ['laboratory']);
    party(SUSPENDED, ['pharmacy']);
    await world.done(MAKER, 'publishProfile', { profile });
    await world.batch('b1');
    await world.done(MAKER, 'certifyBatch', { batch: hex('b1') });
    return world;
  }

  /** Registers a batch with one run of packs `NAME-0` … `NAME-4`. */
  async batch(name: string, members: Members<'registerBatch'> = {}): Promise<void> {
    await this.done(MAKER, 'registerBatch', {
      batch: hex(name),
      profile: `${GTIN}/1`,
      expiry: '2026-12-31',
      ...members,
    });
    await this.done(MAKER, 'addPacks', { batch: hex(name), root: packRoot(this.packs(name)) });
  }

  packs(batch: string): Hex32[] {
    return [0, 1, 2, 3, 4].map((pack) => hex(`${batch}-${pack}`)).sort();
  }

  put(type: StateType, key: string, state: object): void {
    this.states.set(`${type}:${key}`, writtenState(type, state));
  }

  /** Calls a command; event time and commitment are filled in. Commits what was decided. */
  async decide<Name extends Command>(caller: PartyId, command: Name, payload: object): Promise<Decision> {
    const number = ++this.calls;
    const event = STANDING.has(command) ? {} : { commitment: hex(`commitment ${number}`), eventTime: this.now };
    const decision = await decide(
      {
        command,
        payload: { ...event, ...payload },
        caller,
        proposalTime: this.now,
        transactionId: hex(`transaction ${number}`),
      },
      this.read,
    );
    if (decision.ok) this.commit(decision);
    return decision;
  }

  /** Writes what was decided, and holds that it is read back as it was decided. */
  private commit({ writes, event }: Extract<Decision, { readonly ok: true }>): void {
    for (const { type, key, state } of writes) {
      this.put(type, key, state);
      expect(readState(type, key, writtenState(type, state))).toEqual(state);
    }
    if (event !== null) expect(readEvent(writtenEvent(event))).toEqual(event);
  }

  /** What the rules say to a call. */
  async say<Name extends Command>(caller: PartyId, command: Name, payload: object): Promise<Said> {
    const decision = await this.decide(caller, command, payload);
    return decision.ok ? 'ok' : decision.refusal.code;
  }

  /** A call that must be accepted; time moves on by a minute. */
  async done<Name extends Command>(caller: PartyId, command: Name, payload: object): Promise<AnchorRecord> {
    const decision = await this.decide(caller, command, payload);
    if (!decision.ok) throw new Error(`${command}: ${JSON.stringify(decision.refusal)}`);
    this.now += 60_000;
    return decision.result as AnchorRecord;
  }

  /** Packs a new unit of the maker from a batch. */
  async produced(unit: string, batch = 'b1'): Promise<void> {
    await this.aggregated(MAKER, unit, { batches: [hex(batch)] });
  }

  async aggregated(by: PartyId, unit: string, members: Members<'aggregateUnit'>): Promise<void> {
    await this.done(by, 'aggregateUnit', { unit: hex(unit), children: [], sources: [], batches: [], ...members });
  }

  /** Packs a new unit of the maker and places a hold on it. */
  async held(unit: string, by: PartyId, kind: HoldKind): Promise<HoldReference> {
    await this.produced(unit);
    const { commitment } = await this.done(by, 'placeHold', { units: [hex(unit)], kind });
    const placed = this.unit(unit).holds.find((hold) => hold.commitment === commitment);
    if (placed === undefined) throw new Error('no hold');
    return { kind: placed.kind, reason: placed.reason, commitment };
  }

  /** Registers a device of the maker, calibrated until mid 2026; time moves on. */
  async device(name: string): Promise<Said> {
    const device = { device: hex(name), publicKey: hex('key'), calibrationDue: '2026-06-30' };
    const said = await this.say(MAKER, 'registerDevice', device);
    this.now += 60_000;
    return said;
  }

  /** The root of one index of a log: an hour of frames each. */
  root(index: number): CommandPayloads['anchorRoot'] {
    return {
      log: hex('log'),
      index,
      root: hex(`root ${index}`),
      count: 10,
      window: { from: index * HOUR, to: (index + 1) * HOUR },
      previous: index === 0 ? null : hex(`root ${index - 1}`),
    };
  }

  async moved(unit: string, from: PartyId, to: PartyId): Promise<void> {
    await this.done(from, 'shipUnits', { units: [hex(unit)], receiver: to });
    await this.done(to, 'receiveUnits', { units: [hex(unit)], discrepancy: null });
  }

  /** A leg's record with so much time above 8 °C. */
  record(leg: string, custodian: PartyId, usedMs: readonly number[], members: Partial<LegRecord> = {}): LegRecord {
    return {
      leg: hex(leg),
      revision: 1,
      custodian,
      durationMs: 20 * HOUR,
      gapMs: 0,
      coldestMilliCelsius: 3000,
      hottestMilliCelsius: 9000,
      exposures: [{ profile: `${GTIN}/1`, usedMs, freezeRunMs: 0 }],
      histogram: hex('histogram'),
      ...members,
    };
  }

  async exposed(unit: string, record: LegRecord): Promise<void> {
    await this.done(record.custodian, 'recordExposure', { unit: hex(unit), record });
  }

  unit(name: string): UnitState {
    return this.named<UnitState>('unit', name);
  }

  batchState(name: string): BatchState {
    return this.named<BatchState>('batch', name);
  }

  /** Time used per range under the one profile. */
  used(name: string): readonly number[] {
    return this.unit(name).total.exposures[0]?.usedMs ?? [];
  }

  dispensing(batch: string, unit: string, pack = 0): object {
    const keys = this.packs(batch);
    return {
      pack: keys[pack],
      batch: hex(batch),
      unit: hex(unit),
      status: 'dispensed',
      proof: { run: 0, index: pack, size: keys.length, path: packPath(keys, pack) },
    };
  }

  /** The state under a key. */
  async state(type: StateType, key: string): Promise<unknown> {
    const [state] = await this.read([{ type, key }]);
    return state;
  }

  private named<State>(type: StateType, name: string): State {
    const stored = this.states.get(`${type}:${hex(name)}`);
    if (stored === undefined) throw new Error(`no ${type} ${name}`);
    return readState(type, hex(name), stored) as State;
  }
}
