import type {
  AnchorRecord,
  Hex32,
  LedgerEvent,
  ObjectReference,
  ObjectType,
  ThermalState,
  UnitState,
} from '../protocol';
import type { StateType } from './call';
import { nothingSpent } from './thermal-state';
import { unitState } from './unit';

/*
 * How states and events stand on the ledger. An event with 50 units is mostly their states, and every byte is endorsed by
 * three organisations, ordered by four and stored by eight; so what the key says, what follows from the rest and what is
 * empty is left out, and units of one event that differ in nothing but their keys share one state. Measured: 1.3 kB of
 * chain per unit instead of 2.3. Whoever reads gets the shapes of the protocol back, also from chains that were written
 * in full.
 */

/** Members of a unit that are left out while they are as here. */
const EMPTY = {
  receiver: null,
  claimedBy: null,
  parent: null,
  children: [],
  legs: [],
  heirs: [],
  heirTimes: [],
  previousCustodians: [],
  loosePacks: false,
  holds: [],
} as const satisfies Partial<UnitState>;

/** A unit's state without its key and its total. */
type WrittenUnit = Partial<Omit<UnitState, 'unit' | 'total' | 'inherited'>> &
  Pick<UnitState, 'status' | 'custodian' | 'batches' | 'lastEventTime'> & {
    readonly inherited?: Partial<ThermalState>;
  };

/** Neighbours of one type: the type, then their keys. */
type WrittenReferences = readonly [ObjectType, ...Hex32[]];

type WrittenAnchor = Omit<AnchorRecord, 'objects'> & {
  readonly objects: readonly (WrittenReferences | ObjectReference)[];
};

type WrittenEvent = Omit<LedgerEvent, 'anchor' | 'units'> & {
  readonly anchor: WrittenAnchor | null;
  /** Before states were shared: whole states. */
  readonly units: readonly ((WrittenUnit & { readonly units: readonly Hex32[] }) | UnitState)[];
};

const isEmpty = (value: unknown, empty: unknown): boolean =>
  Array.isArray(empty) ? Array.isArray(value) && value.length === 0 : value === empty;

/** The members that differ from those of `empty`, in their order. */
function without<Whole extends object>(whole: Whole, empty: object): Partial<Whole> {
  const known = new Map<string, unknown>(Object.entries(empty));
  const members = Object.entries(whole).filter(([name, value]) => !known.has(name) || !isEmpty(value, known.get(name)));
  return Object.fromEntries(members) as Partial<Whole>;
}

function writtenUnit({ unit: _key, total: _follows, inherited, ...state }: UnitState): WrittenUnit {
  const spent = without(inherited, nothingSpent);
  const written = { ...state, ...(Object.keys(spent).length === 0 ? {} : { inherited: spent }) };
  return without(written, EMPTY) as WrittenUnit;
}

function readUnit(unit: Hex32, { inherited, ...written }: WrittenUnit): UnitState {
  return unitState({ ...EMPTY, ...written, unit, inherited: { ...nothingSpent, ...inherited } });
}

function writtenReferences(objects: readonly ObjectReference[]): WrittenReferences[] {
  const runs: [ObjectType, ...Hex32[]][] = [];
  for (const { type, key } of objects) {
    const last = runs.at(-1);
    if (last?.[0] === type) last.push(key);
    else runs.push([type, key]);
  }
  return runs;
}

function readReferences(written: WrittenAnchor['objects']): ObjectReference[] {
  return written.flatMap((run) => {
    if (!('length' in run)) return [run];
    const [type, ...keys] = run;
    return keys.map((key) => ({ type, key }));
  });
}

const readAnchor = (anchor: WrittenAnchor): AnchorRecord => ({ ...anchor, objects: readReferences(anchor.objects) });

/** The text under a state's key. */
export function writtenState(type: StateType, state: object): string {
  // The type names the shape: what is written is what a decision put under this type.
  if (type === 'unit') return JSON.stringify(writtenUnit(state as UnitState));
  if (type === 'anchor') {
    const { commitment: _key, ...anchor } = state as AnchorRecord;
    return JSON.stringify({ ...anchor, objects: writtenReferences(anchor.objects) });
  }
  return JSON.stringify(state);
}

/** The state that {@link writtenState} wrote under a key. @throws SyntaxError for anything that is no JSON. */
export function readState(type: StateType, key: string, text: string): object {
  const written = JSON.parse(text) as object;
  if (type === 'unit') return readUnit(key, written as WrittenUnit);
  if (type === 'anchor') return readAnchor({ commitment: key, ...(written as Omit<WrittenAnchor, 'commitment'>) });
  return written;
}

/** The payload of a ledger event. */
export function writtenEvent(event: LedgerEvent): string {
  const { anchor } = event;
  const keysOf = new Map<string, Hex32[]>();
  for (const unit of event.units) {
    const state = JSON.stringify(writtenUnit(unit));
    const keys = keysOf.get(state);
    if (keys === undefined) keysOf.set(state, [unit.unit]);
    else keys.push(unit.unit);
  }
  const units = [...keysOf].map(([state, keys]) => ({ units: keys, ...(JSON.parse(state) as WrittenUnit) }));
  return JSON.stringify({
    ...event,
    anchor: anchor === null ? null : { ...anchor, objects: writtenReferences(anchor.objects) },
    units,
  } satisfies WrittenEvent);
}

function eventOf(written: WrittenEvent): LedgerEvent {
  const units = written.units.flatMap((entry) => {
    if ('unit' in entry) return [readUnit(entry.unit, entry)];
    const { units: keys, ...state } = entry;
    return keys.map((key) => readUnit(key, state));
  });
  units.sort((a, b) => (a.unit < b.unit ? -1 : 1));
  return { ...written, anchor: written.anchor === null ? null : readAnchor(written.anchor), units };
}

/** The event of a payload, its units in ascending order of their keys. @throws SyntaxError for anything else. */
export function readEvent(text: string): LedgerEvent {
  try {
    return eventOf(JSON.parse(text) as WrittenEvent);
  } catch (cause) {
    throw new SyntaxError('the payload is not an event of this ledger', { cause });
  }
}
