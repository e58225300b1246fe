import type {
  AccessState,
  BatchState,
  DeviceState,
  PackState,
  PartyId,
  PartyRole,
  PartyState,
  ProductProfile,
  RootState,
  UnitState,
} from '@coldchain/chaincode/protocol';
import { type Decision, decide, type StateType } from '@coldchain/chaincode/domain';
import type { Act } from './act.js';
import { Draw } from './draw.js';

/** Where event times begin; long before any run, so that no decision depends on when the run is. */
const BEGIN = Date.UTC(2025, 0, 10);
const MINUTE_MS = 60_000;
/** The proposal's time in the model: after every event and, like every run, between {@link EXPIRED} and {@link LASTING}. */
const PROPOSAL_TIME = Date.UTC(2025, 9, 1);
export const EXPIRED = '2020-01-31';
export const LASTING = '2099-12-31';
export const FAR_FUTURE = Date.UTC(2200, 0, 1);

export const REGULATOR: PartyId = 'RegulatorMSP:authority';
const PACKS_PER_RUN = 6;

/** GTIN-14 of a company prefix with seven digits (check digit: weights 3 and 1). */
function gtinOf(prefix: string, item: number): string {
  const digits = `0${prefix}${String(item).padStart(5, '0')}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** A party of a world as the regulator registers it. */
export interface Member {
  readonly party: PartyId;
  readonly roles: readonly PartyRole[];
  readonly prefixes: readonly string[];
}

/**
 * One of many worlds that share nothing but the regulator: its own parties, products, batches and units. It knows what the
 * rules make of every act, so that acts can be drawn that reach deep states; what ledgers make of them is compared.
 */
export class Model {
  readonly draw: Draw;
  readonly members: readonly Member[];
  /** Never registered. */
  readonly stranger: PartyId;
  readonly gtins: readonly string[];
  readonly acts: Act[] = [];
  /** What the rules said to each act. */
  readonly decisions: Decision[] = [];
  private readonly states = new Map<string, unknown>();
  private names = 0;

  constructor(
    seed: string,
    /** 0 to 9,999; names the parties and gives their prefixes. */
    readonly index: number,
  ) {
    this.draw = new Draw(`${seed}/world ${index}`);
    const prefix = (rival: boolean): string => `95${rival ? '1' : '0'}${String(index).padStart(4, '0')}`;
    const member = (name: string, role: PartyRole, prefixes: readonly string[] = []): Member => ({
      party: `${name}`.replace(':', `:w${index}-`),
      roles: [role],
      prefixes,
    });
    this.members = [
      member('ManufacturerMSP:maker', 'manufacturer', [prefix(false)]),
      member('ManufacturerMSP:rival', 'manufacturer', [prefix(true)]),
      member('DistributorMSP:wholesaler', 'distributor'),
      member('PharmacyMSP:north', 'pharmacy'),
      member('PharmacyMSP:south', 'pharmacy'),
      member('RegulatorMSP:laboratory', 'laboratory'),
    ];
    this.stranger = `PharmacyMSP:w${index}-stranger`;
    this.gtins = [gtinOf(prefix(false), 1), gtinOf(prefix(false), 2), gtinOf(prefix(true), 1)];
    const regulator: PartyState = { party: REGULATOR, roles: ['regulator'], prefixes: [], state: 'authorised' };
    this.states.set(`party:${REGULATOR}`, regulator);
  }

  /** Parties that sign. */
  get parties(): readonly PartyId[] {
    return [...this.members.map(({ party }) => party), this.stranger];
  }

  /** Minutes pass with every act. */
  get now(): number {
    return BEGIN + this.acts.length * MINUTE_MS;
  }

  /** What the rules say; nothing is kept. */
  judge({ command, payload, party }: Act): Promise<Decision> {
    const call = { command, payload, caller: party, proposalTime: PROPOSAL_TIME, transactionId: this.draw.hex('none') };
    return decide(call, async (references) => references.map(({ type, key }) => this.states.get(`${type}:${key}`)));
  }

  /** One more act of the world, with what it leaves. */
  append(act: Act, decision: Decision): void {
    this.acts.push(act);
    this.decisions.push(decision);
    if (!decision.ok) return;
    for (const { type, key, state } of decision.writes) this.states.set(`${type}:${key}`, state);
  }

  /** A name that was not used before, and its key. */
  fresh(what: string): string {
    return this.draw.hex(`${what} ${this.names++}`);
  }

  /** Commitment and time of a new event. */
  event(): { readonly commitment: string; readonly eventTime: number } {
    return { commitment: this.fresh('commitment'), eventTime: this.now };
  }

  /** Pack keys of a production run of a batch, ascending. */
  packs(batch: string, run: number): string[] {
    return Array.from({ length: PACKS_PER_RUN }, (_, pack) => this.draw.hex(`pack ${batch} ${run} ${pack}`)).sort();
  }

  get registered(): PartyState[] {
    return this.all<PartyState>('party').filter(({ party }) => party !== REGULATOR);
  }
  get profiles(): ProductProfile[] {
    return this.all('profile');
  }
  get batches(): BatchState[] {
    return this.all('batch');
  }
  get units(): UnitState[] {
    return this.all('unit');
  }
  get packStates(): PackState[] {
    return this.all('pack');
  }
  get devices(): DeviceState[] {
    return this.all('device');
  }
  get accesses(): AccessState[] {
    return this.all('access');
  }
  get roots(): RootState[] {
    return this.all('root');
  }

  /** Kind and key of every state that there is. */
  get keys(): { readonly type: StateType; readonly key: string }[] {
    return [...this.states.keys()].map((id) => {
      const colon = id.indexOf(':');
      return { type: id.slice(0, colon) as StateType, key: id.slice(colon + 1) };
    });
  }

  private all<State>(type: StateType): State[] {
    return [...this.states].filter(([id]) => id.startsWith(`${type}:`)).map(([, state]) => state as State);
  }
}
