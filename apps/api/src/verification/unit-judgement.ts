import type { Hex32 } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import { type Sscc, ssccLink } from '@coldchain/gs1';
import { certifiedClaim, expiryClaim, recallClaim } from './batch-claims.js';
import { collectFacts } from './collect-facts.js';
import { holdClaim } from './hold-claim.js';
import { judgeTemperature, type TemperatureFinding } from './temperature.js';
import { budgetsIn, type UnitBudget } from './unit-budget.js';
import type { ClaimFinding } from './verdict-claims.js';
import type { BatchFacts, ObjectFacts, VerdictFacts } from './verdict-facts.js';

/** Claims of a verdict that stand for goods wherever they are: recalled, in quarantine, expired, or certified. */
export interface GoodsClaims {
  readonly recall: ClaimFinding;
  readonly hold: ClaimFinding;
  readonly expiry: ClaimFinding;
  readonly certified: ClaimFinding;
}

/** What the verdict's own rules say about a visible unit, where its custody is not asked about. */
export interface UnitJudgement {
  readonly budgets: readonly UnitBudget[];
  /** Of all its batches, or of one. */
  readonly claims: (batch: Hex32 | null) => GoodsClaims;
  /** Under one of its profiles, `gtin/version`; null: the profile is not known. */
  readonly temperature: (profile: string) => TemperatureFinding | null;
  /**
   * Readings that were accepted up to the bound before now are evaluated, or no profile asks for any. What is younger
   * may be missing from all that is said about temperatures.
   */
  readonly evaluated: boolean;
}

/** Who asks, and as of when; instants in ms since 1970 UTC. */
export interface JudgementQuestion {
  readonly sscc: Sscc;
  /** Party of the ledger. */
  readonly asker: string;
  readonly now: number;
  /** How old the confirmation of the evaluation may be: the verdict's own bound. */
  readonly boundMs: number;
}

/** Null: no such unit is visible, or several of one SSCC are. */
export async function unitJudgementOf(
  transaction: OrganisationTransaction,
  { sscc, asker, now, boundMs }: JudgementQuestion,
): Promise<UnitJudgement | null> {
  const subject = { kind: 'unit', sscc, link: ssccLink(sscc) } as const;
  const { facts } = await collectFacts(transaction, { subject, asker, now, boundMs });
  if (facts.found.state !== 'found') return null;
  const { object } = facts.found;
  const asksForEvidence = [...object.profiles.values()].some(({ evidence }) => evidence !== 'none');
  return {
    budgets: budgetsIn(object),
    claims: (batch) => claimsOf(object, facts, batch),
    temperature: (id) => {
      const [profile, chain] = [object.profiles.get(id), object.chains[0]];
      return profile === undefined || chain === undefined ? null : judgeTemperature(chain, id, profile, now);
    },
    evaluated: !asksForEvidence || isConfirmed(facts.evaluationConfirmedAt, now, boundMs),
  };
}

/** Whether a confirmation of the evaluation is no older than the bound; null: nothing has been evaluated. */
export const isConfirmed = (evaluationConfirmedAt: number | null, now: number, boundMs: number): boolean =>
  evaluationConfirmedAt !== null && now - evaluationConfirmedAt <= boundMs;

function claimsOf(object: ObjectFacts, facts: VerdictFacts, batch: Hex32 | null): GoodsClaims {
  const isMeant = ({ key }: BatchFacts): boolean => batch === null || key === batch;
  const meant = { ...object, batches: object.batches.filter(isMeant) };
  const asOf = facts.ledgerConfirmedAt;
  return {
    recall: recallClaim(meant.batches, asOf),
    hold: holdClaim(meant, asOf),
    expiry: expiryClaim(meant, facts, asOf),
    certified: certifiedClaim(meant.batches, asOf),
  };
}
