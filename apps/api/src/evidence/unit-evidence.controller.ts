import type { UnitEvidenceAnswer } from '@coldchain/api-contract';
import { type ProductProfile, profileId } from '@coldchain/chaincode/protocol';
import type { EntityTransaction } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { unitOf } from '../shipments/units.queries.js';
import { chainsOf } from '../verification/collect-facts.js';
import { budgetAnswer, budgetsIn, productsOf } from '../verification/unit-budget.js';
import type { LegFacts, UnitFacts } from '../verification/verdict-facts.js';
import { checkpoints, profilesOf } from '../verification/verdict.queries.js';
import { arrivalForecast, newestSamples } from './arrival-forecast.js';
import {
  findingsOfDisagreements,
  findingsOfLateClaims,
  findingsOfSilence,
  findingsOfTransits,
  findingsOfUndetermined,
} from './evidence-findings.js';
import { type Transit, transitsOf } from './transits.js';
import { attributionOf, type UndeterminedExcursions } from './unit-budgets.js';
import * as queries from './unit-evidence.queries.js';

/** What watched a unit, whose time of its budget was spent, and what it will be at arrival. */
@Controller()
export class UnitEvidenceController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('getUnitEvidence')
  evidence(
    @Req() request: ContextRequest,
    @Input() { params }: InputOf<'getUnitEvidence'>,
  ): Promise<UnitEvidenceAnswer> {
    return this.work.read(request, (tx) => evidenceOf(tx, params.sscc, this.clock.now()));
  }
}

/** @throws RequestProblem `not-found` */
async function evidenceOf(tx: EntityTransaction, sscc: string, now: number): Promise<UnitEvidenceAnswer> {
  // Read first: what is read after it is at least as new.
  const { evaluation } = await checkpoints(tx);
  const unit = await unitOf(tx, sscc);
  if (unit === undefined) throw new RequestProblem('not-found', 'no unit of this SSCC is visible to the account');
  const [chain = []] = await chainsOf(tx, [unit.unit_key], now);
  const keys = chain.map(({ key }) => key);
  const legs = await queries.evidenceLegsOf(tx, keys);
  const ids = legs.map(({ id }) => id);
  const facts = new Map(chain.flatMap((one) => one.legs).map((leg) => [leg.key, leg]));
  const profileIds = [...new Set((unit.state?.batches ?? []).map(({ profile }) => profile))];
  const profiles = (await profilesOf(tx, profileIds)).map(({ profile }) => profile);
  const transits = transitsOf(await queries.transitStepsOf(tx, keys));
  const undetermined = await queries.undeterminedExcursionsOf(tx, ids);
  const open = legs.flatMap((leg) => {
    const known = facts.get(leg.leg_key);
    return leg.ended_at !== null || known === undefined ? [] : [{ ...known, intervalMs: longestInterval(leg) }];
  });
  return {
    sscc,
    asOf: new Date(now).toISOString(),
    evaluatedTo: evaluation?.toISOString() ?? null,
    legs: legs.map((leg) => legAnswer(leg, facts.get(leg.leg_key))),
    budgets: await budgetsOf(tx, { chain, legs, profiles, undetermined, transit: transits.at(-1), now }),
    findings: [
      ...findingsOfSilence(open, profiles, now),
      ...findingsOfTransits(transits, profiles, now),
      ...findingsOfUndetermined(undetermined),
      ...findingsOfLateClaims(legs.map(({ doubted }) => doubted)),
      ...findingsOfDisagreements(await queries.disagreementsOf(tx, ids)),
    ],
  };
}

function longestInterval({ sources }: queries.EvidenceLegRow): number | null {
  const known = sources.filter(({ to }) => to === null).flatMap(({ intervalMs }) => intervalMs ?? []);
  return known.length === 0 ? null : Math.max(...known);
}

function legAnswer(leg: queries.EvidenceLegRow, facts: LegFacts | undefined): UnitEvidenceAnswer['legs'][number] {
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    sscc: leg.sscc,
    custodian: leg.slug,
    from: leg.started_at.toISOString(),
    to: leg.ended_at?.toISOString() ?? null,
    sources: leg.sources.map(({ kind, logger, from, to }) => ({
      kind,
      logger,
      from: iso(from),
      to: to === null ? null : iso(to),
    })),
    vouched: (facts?.vouched ?? []).map(([from, to]) => ({ from: iso(from), to: iso(to) })),
    readings: leg.readings,
    holdsUntil: facts?.holdsUntil == null ? null : iso(facts.holdsUntil),
    gapMs: leg.gap_ms,
    vouchedMs: leg.vouched_ms,
    coldestMilliCelsius: leg.coldest_milli_celsius,
    hottestMilliCelsius: leg.hottest_milli_celsius,
  };
}

interface BudgetQuestion {
  readonly chain: readonly UnitFacts[];
  readonly legs: readonly queries.EvidenceLegRow[];
  readonly profiles: readonly ProductProfile[];
  readonly undetermined: readonly queries.UndeterminedRow[];
  /** The newest way of the unit. */
  readonly transit: Transit | undefined;
  readonly now: number;
}

async function budgetsOf(tx: EntityTransaction, question: BudgetQuestion): Promise<UnitEvidenceAnswer['budgets']> {
  const { chain, legs, profiles, transit, now } = question;
  const slugs = await queries.slugsOf(tx);
  const holders = legs.map(({ leg_key, party }) => ({ key: leg_key, party }));
  const nobodys = undeterminedByLeg(question.undetermined);
  const moving = transit !== undefined && transit.endedAt === null ? transit : null;
  const open = legs.findLast((leg) => leg.ended_at === null);
  const samples = moving === null ? [] : await newestSamples(tx, open, now);
  const laneHistoryMs =
    moving === null || moving.to === null ? [] : await queries.laneHistoryOf(tx, moving.from, moving.to);
  // By the account that the verdict rests on; whose time it was is another question.
  const budgets = budgetsIn({
    chains: [chain],
    profiles: new Map(profiles.map((profile) => [profileId(profile), profile])),
  });
  const products = await productsOf(tx, budgets);
  return budgets.map((budget) => {
    const { id, profile, exposure } = budget;
    const { total, inherited, undeterminedMs, custodians } = attributionOf(chain, holders, profile, nobodys);
    return {
      ...budgetAnswer(budget, products.get(id)),
      attribution: {
        totalMs: [...total.usedMs],
        inheritedMs: [...inherited.usedMs],
        undeterminedMs: [...undeterminedMs],
        custodians: custodians.map(({ custodian, exposure: spent }) => ({
          custodian: slugs.get(custodian) ?? custodian,
          usedMs: [...spent.usedMs],
        })),
        unattributedMs: exposure.usedMs.map((usedMs, range) => Math.max(0, usedMs - (total.usedMs[range] ?? 0))),
      },
      forecast:
        moving === null
          ? null
          : arrivalForecast({ profile, spent: exposure, samples, now, shippedAt: moving.shippedAt, laneHistoryMs }),
    };
  });
}

function undeterminedByLeg(rows: readonly queries.UndeterminedRow[]): UndeterminedExcursions {
  const legs = [...new Set(rows.map((row) => row.leg_key))];
  return new Map(
    legs.map((leg) => [
      leg,
      rows
        .filter((row) => row.leg_key === leg)
        .map((row) => ({
          profile: row.profile,
          rule: row.rule,
          openedAt: row.opened_at.getTime(),
          closedAt: row.closed_at?.getTime() ?? null,
          durationMs: row.duration_ms,
        })),
    ]),
  );
}
