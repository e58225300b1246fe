import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProductProfile, ThermalState, UnitState } from '../protocol';
import { GTIN, hex, MAKER, PHARMACY, profile, WHOLESALER, World } from './spec-world';
import { exceedsBudget, isWithin } from './thermal-state';

const MINUTE = 60_000;
const PARTIES = [MAKER, WHOLESALER, PHARMACY];

/** What happens next; numbers choose among what is there. */
const act = fc.record({
  kind: fc.constantFrom('pack', 'unpack', 'refill', 'expose', 'expose', 'revise', 'move'),
  one: fc.nat(99),
  other: fc.nat(99),
  ms: fc.integer({ min: 1, max: 9 }),
});

/** A leg as it was recorded last, and the packs that were in its unit then. */
interface Leg {
  readonly unit: string;
  readonly custodian: string;
  readonly startedAt: number;
  readonly packs: Set<string>;
  revision: number;
  ms: number;
}

/** A world with the truth beside it: what packs really went through. */
class Story {
  /** Truth: ms that a pack spent, and its longest freezing run and piece. */
  readonly spent = new Map<string, number>();
  readonly longest = new Map<string, number>();
  /** The packs that lie in a unit, also inside of its children. */
  readonly contents = new Map<string, ReadonlySet<string>>();
  readonly legs: Leg[] = [];
  private made = 0;

  private constructor(readonly world: World) {}

  /** Three cases of the maker from a batch whose profile counts pieces of time. */
  static async open(): Promise<Story> {
    const world = await World.open();
    await world.done(MAKER, 'publishProfile', { profile: inPieces });
    await world.batch('b2', { profile: `${GTIN}/2` });
    await world.done(MAKER, 'certifyBatch', { batch: hex('b2') });
    const story = new Story(world);
    for (const name of ['a', 'b', 'c']) {
      await world.aggregated(MAKER, name, { batches: [hex('b2')] });
      story.contents.set(name, new Set([name]));
      story.spent.set(name, 0);
      story.longest.set(name, 0);
    }
    return story;
  }

  /** Units that somebody can act on, by name. */
  free(): string[] {
    return [...this.contents.keys()].filter((name) => {
      const unit = this.world.unit(name);
      return unit.parent === null && unit.status === 'held-by-custodian';
    });
  }

  async act({ kind, one, other, ms }: { kind: string; one: number; other: number; ms: number }): Promise<void> {
    const free = this.free();
    const first = free[one % free.length] ?? 'a';
    const second = free[other % free.length] ?? 'a';
    const { custodian } = this.world.unit(first);
    switch (kind) {
      case 'pack': {
        const children = [first, second].filter(
          (name, index, all) => all.indexOf(name) === index && this.world.unit(name).custodian === custodian,
        );
        return this.packed(custodian, { children: children.map(hex) }, children);
      }
      case 'refill':
        await this.packed(custodian, { sources: [hex(first)] }, []);
        return this.split(first, `unit ${this.made}`);
      case 'unpack': {
        const child = [...this.contents.keys()].find((name) => this.world.unit(first).children.includes(hex(name)));
        if (child === undefined) return;
        await this.world.done(custodian, 'disaggregateUnit', { unit: hex(first), children: [hex(child)] });
        const gone = this.contents.get(child) ?? new Set();
        this.contents.set(first, new Set([...(this.contents.get(first) ?? [])].filter((pack) => !gone.has(pack))));
        return;
      }
      case 'expose': {
        const packs = new Set(this.contents.get(first));
        this.legs.push({ unit: first, custodian, startedAt: this.world.now, packs, revision: 0, ms: 0 });
        return this.recorded(this.legs.length - 1, ms);
      }
      case 'revise':
        return this.legs.length === 0 ? undefined : this.recorded(one % this.legs.length, ms);
      default: {
        const to = PARTIES[other % PARTIES.length] ?? MAKER;
        if (to !== custodian && this.world.unit(first).holds.length === 0) await this.world.moved(first, custodian, to);
      }
    }
  }

  private async packed(by: string, members: object, givers: readonly string[]): Promise<void> {
    const name = `unit ${++this.made}`;
    await this.world.aggregated(by, name, members);
    this.contents.set(name, new Set(givers.flatMap((giver) => [...(this.contents.get(giver) ?? [])])));
  }

  /** Some packs of each kind were taken out of a unit: they have been through the same, and go on by themselves. */
  private split(from: string, to: string): void {
    const taken = new Set<string>();
    for (const pack of this.contents.get(from) ?? []) {
      const other = `${pack} in ${to}`;
      taken.add(other);
      this.spent.set(other, this.spent.get(pack) ?? 0);
      this.longest.set(other, this.longest.get(pack) ?? 0);
      for (const { packs } of this.legs) if (packs.has(pack)) packs.add(other);
    }
    this.contents.set(to, taken);
  }

  /** A later revision with so much more of everything. */
  private async recorded(index: number, more: number): Promise<void> {
    const leg = this.legs[index];
    if (leg === undefined) return;
    leg.revision++;
    leg.ms += more;
    const exposures = [{ profile: `${GTIN}/2`, usedMs: [leg.ms, leg.ms], longestMs: [0, leg.ms], freezeRunMs: leg.ms }];
    const { revision, startedAt } = leg;
    const record = this.world.record(`leg ${index}`, leg.custodian, [], {
      exposures,
      revision,
      startedAt,
      gapMs: leg.ms,
    });
    await this.world.exposed(leg.unit, record);
    for (const name of leg.packs) {
      this.spent.set(name, (this.spent.get(name) ?? 0) + more);
      this.longest.set(name, Math.max(this.longest.get(name) ?? 0, leg.ms));
    }
  }
}

const inPieces: ProductProfile = {
  ...profile,
  version: 2,
  ranges: [
    { name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 1_000_000 },
    { name: 'above 25', comparator: '>=', limitMilliCelsius: 25_000, allowedMs: 1_000_000, activation: 'consecutive' },
  ],
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: 1_000_000 },
};

const exposureOf = ({ total }: UnitState): ThermalState['exposures'][number] => {
  const [exposure] = total.exposures;
  return exposure ?? { profile: `${GTIN}/2`, usedMs: [0, 0], longestMs: [0, 0], freezeRunMs: 0 };
};

describe('repacking in any order', () => {
  it('never lowers what contents have spent, and the legs of each unit add up to its budget exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
        const story = await Story.open();
        for (const next of acts) {
          await story.act(next);
          for (const [name, packs] of story.contents) {
            const unit = story.world.unit(name);
            const exposure = exposureOf(unit);
            const legs = unit.legs.filter(({ absorbed }) => !absorbed);
            [0, 1].forEach((range) => {
              const own = legs.reduce((sum, leg) => sum + (leg.exposures[0]?.usedMs[range] ?? 0), 0);
              const inherited = unit.inherited.exposures[0]?.usedMs[range] ?? 0;
              expect(exposure.usedMs[range] ?? 0).toBe(inherited + own);
            });
            // While a unit lies in a parent, the parent speaks for it.
            if (unit.status === 'dissolved' || unit.parent !== null) continue;
            for (const pack of packs) {
              expect(exposure.usedMs[0]).toBeGreaterThanOrEqual(story.spent.get(pack) ?? 0);
              expect(exposure.longestMs?.[1] ?? 0).toBeGreaterThanOrEqual(story.longest.get(pack) ?? 0);
              expect(exposure.freezeRunMs).toBeGreaterThanOrEqual(story.longest.get(pack) ?? 0);
            }
          }
        }
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});

describe('a range that is not cumulative', () => {
  const exceeds = (members: object): boolean =>
    exceedsBudget({ profile: 'p', usedMs: [50, 50], freezeRunMs: 0, ...members }, {
      ...inPieces,
      ranges: inPieces.ranges.map((range) => ({ ...range, allowedMs: 20 })).slice(1),
    } as ProductProfile);

  it('is judged by its longest piece, and is not known without', () => {
    expect(exceeds({ longestMs: [20] })).toBe(false);
    expect(exceeds({ longestMs: [21] })).toBe(true);
    expect(
      isWithin(
        { profile: 'p', usedMs: [1], freezeRunMs: 0, longestMs: [2] },
        { profile: 'p', usedMs: [1], freezeRunMs: 0 },
      ),
    ).toBe(false);
  });

  it('is refused in a record that does not tell its pieces', async () => {
    const story = await Story.open();
    const told = { profile: `${GTIN}/2`, usedMs: [0, MINUTE], freezeRunMs: 0 };
    const record = story.world.record('leg', MAKER, [], { exposures: [told], startedAt: story.world.now });
    expect(await story.world.say(MAKER, 'recordExposure', { unit: hex('a'), record })).toBe(
      'exposure-profile-mismatch',
    );
    const whole = { ...record, exposures: [{ ...told, longestMs: [0, MINUTE] }] };
    expect(await story.world.say(MAKER, 'recordExposure', { unit: hex('a'), record: whole })).toBe('ok');
  });

  it('places a hold, and one more only for a longer piece than was released', async () => {
    const story = await Story.open();
    const { world } = story;
    const record = (longest: number, revision: number) =>
      world.record('leg', MAKER, [], {
        exposures: [{ profile: `${GTIN}/2`, usedMs: [0, longest], longestMs: [0, longest], freezeRunMs: 0 }],
        startedAt: world.now,
        revision,
      });
    await world.exposed('a', record(1_000_000, 1));
    expect(world.unit('a').holds).toEqual([]);
    await world.exposed('a', record(1_000_001, 2));
    expect(world.unit('a').holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded' }]);
  });
});
