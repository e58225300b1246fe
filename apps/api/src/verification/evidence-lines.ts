import type { LegFacts, PastFacts } from './verdict-facts.js';
import type { LegRow, PredecessorRow } from './verdict.queries.js';

/** What was measured about a unit (see the members of `UnitFacts`). */
export interface Evidence {
  readonly legs: readonly LegFacts[];
  readonly own: readonly LegFacts[];
  readonly past: readonly PastFacts[];
}

/** Follows units back through packing and unpacking, over links and legs that were read before. */
export class EvidenceLines {
  constructor(
    private readonly links: ReadonlyMap<string, readonly PredecessorRow[]>,
    private readonly legs: ReadonlyMap<string, readonly LegRow[]>,
    /** Units that were not followed any further. */
    private readonly unfollowed: ReadonlySet<string>,
    private readonly factsOf: (leg: LegRow) => LegFacts,
  ) {}

  of(key: string): Evidence {
    const all = new Map<string, LegFacts>();
    this.collect(key, Number.POSITIVE_INFINITY, new Map(), all);
    return {
      legs: [...all.values()],
      own: this.ownLegs(key, Number.POSITIVE_INFINITY, new Set()),
      past: this.pastOf(key, Number.POSITIVE_INFINITY, new Set([key])),
    };
  }

  /** Every leg that a unit's state may come from, each cut off at the latest way to it. */
  private collect(key: string, until: number, reached: Map<string, number>, all: Map<string, LegFacts>): void {
    if ((reached.get(key) ?? Number.NEGATIVE_INFINITY) >= until) return;
    reached.set(key, until);
    for (const leg of this.legsUntil(key, until)) all.set(leg.key, leg);
    for (const link of this.linksUntil(key, until)) this.collect(link.source_key, link.link_at.getTime(), reached, all);
  }

  /** Legs of the unit itself, and of the units that it lay in while it lay in them. */
  private ownLegs(key: string, until: number, seen: ReadonlySet<string>): LegFacts[] {
    const on = new Set([...seen, key]);
    const hosts = this.linksUntil(key, until).filter((link) => link.hosted && !on.has(link.source_key));
    return [
      ...this.legsUntil(key, until),
      ...hosts.flatMap((link) => this.ownLegs(link.source_key, link.link_at.getTime(), on)),
    ];
  }

  private pastOf(key: string, until: number, seen: ReadonlySet<string>): PastFacts[] {
    const givers = this.linksUntil(key, until).filter((link) => !link.hosted && !seen.has(link.source_key));
    return givers.flatMap((link) => {
      const at = link.link_at.getTime();
      const since = this.unfollowed.has(link.source_key) ? null : (link.packed_at?.getTime() ?? null);
      const line: PastFacts = { since, until: at, legs: this.ownLegs(link.source_key, at, new Set()) };
      return [line, ...this.pastOf(link.source_key, at, new Set([...seen, link.source_key]))];
    });
  }

  private linksUntil(key: string, until: number): readonly PredecessorRow[] {
    return (this.links.get(key) ?? []).filter((link) => link.link_at.getTime() <= until);
  }

  private legsUntil(key: string, until: number): LegFacts[] {
    return (this.legs.get(key) ?? []).flatMap((row) => legUntil(this.factsOf(row), until));
  }
}

function legUntil(leg: LegFacts, until: number): LegFacts[] {
  if (leg.startedAt > until) return [];
  if (until === Number.POSITIVE_INFINITY) return [leg];
  const { endedAt, uncalibratedSince } = leg;
  return [
    {
      ...leg,
      endedAt: Math.min(endedAt ?? until, until),
      uncalibratedSince: uncalibratedSince !== null && uncalibratedSince <= until ? uncalibratedSince : null,
    },
  ];
}
