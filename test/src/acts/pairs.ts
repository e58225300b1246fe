import type { Command, CommandPayloads, LegRecord, PartyId } from '@coldchain/chaincode/protocol';
import { packPath, packRoot } from '@coldchain/chaincode/domain';
import type { Act } from './act.js';
import { Draw } from './draw.js';
import { LASTING, REGULATOR } from './model.js';

const HOUR_MS = 3_600_000;
const EVENT_TIME = Date.UTC(2025, 0, 10);
export const PAIR_MAKER: PartyId = 'ManufacturerMSP:pair-maker';
const WHOLESALER: PartyId = 'DistributorMSP:pair-wholesaler';
const PHARMACY: PartyId = 'PharmacyMSP:pair-pharmacy';
export const PAIR_PARTIES: readonly PartyId[] = [PAIR_MAKER, WHOLESALER, PHARMACY];
const PROFILE = '09529990000018/1';

const MOST_PAIRS = 512;

/** What becomes of the two, in the order in which they are submitted. */
export type PairOutcome = readonly ['committed', 'committed' | 'conflict'];

/** Two acts that are prepared over the same state and submitted one after the other. */
export interface Pair {
  readonly name: string;
  /** Committed before. */
  readonly before: readonly Act[];
  readonly first: Act;
  readonly second: Act;
  /** Right after each other, so that they come into one block if they can; else the second waits for the first's block. */
  readonly together: boolean;
  readonly expected: PairOutcome;
}

/** One certified batch for all pairs that leave it alone, with two packs for each. */
class SharedBatch {
  private readonly draw: Draw;
  readonly batch: string;
  readonly packs: readonly string[];

  constructor(readonly seed: string) {
    this.draw = new Draw(seed);
    this.batch = this.draw.hex('batch');
    this.packs = Array.from({ length: 2 * MOST_PAIRS }, (_, pack) => this.draw.hex(`pack ${pack}`)).sort();
  }

  acts(): Act[] {
    const event = (name: string) => ({ commitment: this.draw.hex(name), eventTime: EVENT_TIME, batch: this.batch });
    const registration = { ...event('registered'), profile: PROFILE, expiry: LASTING };
    return [
      { party: PAIR_MAKER, command: 'registerBatch', payload: registration },
      { party: PAIR_MAKER, command: 'addPacks', payload: { ...event('packs'), root: packRoot(this.packs) } },
      { party: PAIR_MAKER, command: 'certifyBatch', payload: event('certified') },
    ];
  }
}

/** Names of one pair: nothing of it is another's. */
class Names {
  private readonly draw: Draw;
  constructor(
    private readonly shared: SharedBatch,
    private readonly index: number,
  ) {
    this.draw = new Draw(`${shared.seed}/pair ${index}`);
  }
  key(name: string): string {
    return this.draw.hex(name);
  }
  event(name: string): { readonly commitment: string; readonly eventTime: number } {
    return { commitment: this.draw.hex(`commitment ${name}`), eventTime: EVENT_TIME };
  }

  act<Name extends Command>(party: PartyId, command: Name, payload: CommandPayloads[Name]): Act {
    return { party, command, payload };
  }
  /** A batch of its own, for acts that change it. */
  batch(): Act[] {
    const payload = { ...this.event('batch'), batch: this.key('batch'), profile: PROFILE, expiry: LASTING };
    return [this.act(PAIR_MAKER, 'registerBatch', payload)];
  }
  packed(unit: string, name = `pack ${unit}`, children: readonly string[] = [], batch = this.shared.batch): Act {
    return this.act(PAIR_MAKER, 'aggregateUnit', {
      ...this.event(name),
      unit: this.key(unit),
      children: children.map((child) => this.key(child)),
      sources: [],
      batches: children.length === 0 ? [batch] : [],
    });
  }
  shipped(unit: string, receiver: PartyId): Act {
    const payload = { ...this.event(`ship ${unit} ${receiver}`), units: [this.key(unit)], receiver };
    return this.act(PAIR_MAKER, 'shipUnits', payload);
  }
  seen(unit: string): Act {
    return this.act(PAIR_MAKER, 'recordObservation', { ...this.event(`see ${unit}`), units: [this.key(unit)] });
  }
  held(unit: string): Act {
    const payload = { ...this.event(`hold ${unit}`), units: [this.key(unit)], kind: 'security' as const };
    return this.act(PAIR_MAKER, 'placeHold', payload);
  }
  dispensed(which: 0 | 1, name = `dispense ${which}`): Act {
    const { batch, packs } = this.shared;
    const at = 2 * this.index + which;
    return this.act(PAIR_MAKER, 'decommissionPack', {
      ...this.event(name),
      pack: packs[at] ?? '',
      batch,
      unit: this.key('unit'),
      status: 'dispensed',
      proof: { run: 0, index: at, size: packs.length, path: packPath(packs, at) },
    });
  }
  exposed(unit: string, leg: string): Act {
    const record: LegRecord = {
      leg: this.key(leg),
      revision: 1,
      custodian: PAIR_MAKER,
      durationMs: HOUR_MS,
      gapMs: 0,
      coldestMilliCelsius: 3000,
      hottestMilliCelsius: 9000,
      exposures: [{ profile: PROFILE, usedMs: [60_000], freezeRunMs: 0 }],
      histogram: this.key('histogram'),
    };
    return this.act(PAIR_MAKER, 'recordExposure', { ...this.event(`expose ${leg}`), unit: this.key(unit), record });
  }
  device(): Act {
    const device = { device: this.key('device'), publicKey: this.key('public key'), calibrationDue: LASTING };
    return this.act(PAIR_MAKER, 'registerDevice', device);
  }
  bound(unit: string): Act {
    const binding = { device: this.key('device'), unit: this.key(unit), action: 'bind' as const };
    return this.act(PAIR_MAKER, 'bindDevice', { ...this.event(`bind ${unit}`), ...binding });
  }
  granted(party: PartyId): Act {
    const object = { type: 'unit' as const, key: this.key('unit') };
    return this.act(PAIR_MAKER, 'grantAccess', { object, party, until: EVENT_TIME });
  }
  root(name: string): Act {
    const window = { from: EVENT_TIME, to: EVENT_TIME + HOUR_MS };
    const payload = { log: this.key('log'), index: 0, root: this.key(name), count: 1, window, previous: null };
    return this.act(PAIR_MAKER, 'anchorRoot', payload);
  }
}

interface Scenario {
  readonly name: string;
  readonly before: (names: Names) => readonly Act[];
  readonly acts: (names: Names) => readonly [Act, Act];
  /** What becomes of the second when they come in this order, and when they come in the other one. */
  readonly second: readonly ['committed' | 'conflict', 'committed' | 'conflict'];
}

const unit = (names: Names): Act[] => [names.packed('unit')];
const twoUnits = (names: Names): Act[] => [...unit(names), names.packed('other unit')];
const FRIEND: PartyId = 'PharmacyMSP:pair-friend';
const friendOf = (names: Names): PartyId => `${FRIEND}-${names.key('friend').slice(0, 12)}`;

/** What was read is what counts: the anchor of an act, absent objects, parties, batches, heirs. */
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'two shipments of one unit',
    before: unit,
    acts: (names) => [names.shipped('unit', WHOLESALER), names.shipped('unit', PHARMACY)],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'two units under one key',
    before: () => [],
    acts: (names) => [names.packed('unit', 'one'), names.packed('unit', 'other')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'a shipment and the recall of its batch',
    before: (names) => [...names.batch(), names.packed('unit', 'pack unit', [], names.key('batch'))],
    acts: (names) => [
      names.shipped('unit', WHOLESALER),
      names.act(REGULATOR, 'recallBatch', {
        ...names.event('recall'),
        batch: names.key('batch'),
        class: 1,
        depth: 'patient',
      }),
    ],
    second: ['committed', 'conflict'],
  },
  {
    name: 'two packs of one unit',
    before: unit,
    acts: (names) => [names.dispensed(0), names.dispensed(1)],
    second: ['committed', 'committed'],
  },
  {
    name: 'one pack twice',
    before: unit,
    acts: (names) => [names.dispensed(0, 'once'), names.dispensed(0, 'twice')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'a pack and a hold on its unit',
    before: unit,
    acts: (names) => [names.dispensed(0), names.held('unit')],
    second: ['committed', 'conflict'],
  },
  {
    name: 'one act twice',
    before: unit,
    acts: (names) => [names.seen('unit'), names.seen('unit')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'one commitment for two acts',
    before: twoUnits,
    acts: (names) => [
      names.seen('unit'),
      names.act(PAIR_MAKER, 'recordObservation', { ...names.event('see unit'), units: [names.key('other unit')] }),
    ],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'two units of one party',
    before: twoUnits,
    acts: (names) => [names.seen('unit'), names.seen('other unit')],
    second: ['committed', 'committed'],
  },
  {
    name: 'access for a party and its suspension',
    before: (names) => [
      ...unit(names),
      names.act(REGULATOR, 'registerParty', { party: friendOf(names), roles: ['pharmacy'], prefixes: [] }),
    ],
    acts: (names) => [names.granted(friendOf(names)), names.act(REGULATOR, 'suspendParty', { party: friendOf(names) })],
    second: ['committed', 'conflict'],
  },
  {
    name: 'access to a unit and its shipment',
    before: unit,
    acts: (names) => [names.granted(PHARMACY), names.shipped('unit', WHOLESALER)],
    second: ['committed', 'conflict'],
  },
  {
    name: 'two first roots of one log',
    before: () => [],
    acts: (names) => [names.root('one'), names.root('other')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'one device for two units',
    before: (names) => [...twoUnits(names), names.device()],
    acts: (names) => [names.bound('unit'), names.bound('other unit')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'one device twice',
    before: () => [],
    acts: (names) => [names.device(), names.device()],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'two legs of one unit',
    before: unit,
    acts: (names) => [names.exposed('unit', 'leg'), names.exposed('unit', 'other leg')],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'exposure of a unit and its packing',
    before: unit,
    acts: (names) => [names.exposed('unit', 'leg'), names.packed('parent', 'pack parent', ['unit'])],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'late exposure of a child and shipment of its parent',
    before: (names) => [...unit(names), names.packed('parent', 'pack parent', ['unit'])],
    acts: (names) => [names.exposed('unit', 'leg'), names.shipped('parent', WHOLESALER)],
    second: ['conflict', 'conflict'],
  },
  {
    name: 'certification and another run of one batch',
    before: (names) => names.batch(),
    acts: (names) => [
      names.act(PAIR_MAKER, 'certifyBatch', { ...names.event('certify'), batch: names.key('batch') }),
      names.act(PAIR_MAKER, 'addPacks', { ...names.event('run'), batch: names.key('batch'), root: names.key('run') }),
    ],
    second: ['conflict', 'conflict'],
  },
];

/** Registered and published once, before any pair. */
const PAIR_BEGINNING: readonly Act[] = [
  ...PAIR_PARTIES.map((party, index): Act => {
    const roles = [(['manufacturer', 'distributor', 'pharmacy'] as const)[index] ?? 'pharmacy'];
    const payload = { party, roles, prefixes: index === 0 ? ['9529990'] : [] };
    return { party: REGULATOR, command: 'registerParty', payload };
  }),
  {
    party: PAIR_MAKER,
    command: 'publishProfile',
    payload: {
      profile: {
        gtin: PROFILE.slice(0, 14),
        version: 1,
        storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
        ranges: [{ name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 10 * HOUR_MS }],
        combine: 'independent',
        freeze: null,
        humidity: null,
        evidence: 'logger',
        gap: { allowedMs: HOUR_MS, policy: 'unknown' },
        longestTransitMs: null,
        openingMs: [0],
      },
    },
  },
];

/** So many pairs, at most 512, and what they begin with: each scenario in both orders, together and apart. */
export function planPairs(
  seed: string,
  count: number,
): { readonly beginning: readonly Act[]; readonly pairs: readonly Pair[] } {
  const shared = new SharedBatch(seed);
  const pairs = Array.from({ length: count }, (_, index): Pair => {
    const scenario = SCENARIOS[index % SCENARIOS.length];
    if (scenario === undefined) throw new RangeError('there are scenarios');
    const turn = Math.floor(index / SCENARIOS.length);
    const names = new Names(shared, index);
    const [one, other] = scenario.acts(names);
    const reversed = turn % 2 === 1;
    return {
      name: `${scenario.name}${reversed ? ', the other way round' : ''}`,
      before: scenario.before(names),
      first: reversed ? other : one,
      second: reversed ? one : other,
      together: Math.floor(turn / 2) % 2 === 0,
      expected: ['committed', scenario.second[reversed ? 1 : 0]],
    };
  });
  return { beginning: [...PAIR_BEGINNING, ...shared.acts()], pairs };
}
