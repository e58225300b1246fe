import { type UnknownKind, VERDICT_REASONS, type VerdictAnswer, type VerdictReason } from '@coldchain/api-contract';
import { unreachable } from '@coldchain/kernel';
import { certifiedClaim, decommissionClaim, expiryClaim, recallClaim, registeredClaim } from './batch-claims.js';
import { holdClaim } from './hold-claim.js';
import { warningOf } from './temperature-warning.js';
import { custodyClaim, temperatureClaim } from './unit-claims.js';
import { type ClaimFinding, claimer, durationText, instantText } from './verdict-claims.js';
import type { ObjectFacts, VerdictFacts } from './verdict-facts.js';
import { kindOf, nextStepOf, okSentenceOf, okStepOf } from './verdict-words.js';

/** The answer to "may this be used?", before it is written as JSON. */
export interface Verdict {
  readonly answer: VerdictAnswer;
  readonly kind: UnknownKind | null;
  readonly reason: VerdictReason;
  readonly sentence: string;
  readonly nextStep: string;
  /** What may soon change an answer that is not `do-not-use`: the time outside of its limits runs, or is nearly spent. */
  readonly warning: string | null;
  /** The oldest data that the answer rests on. */
  readonly asOf: number | null;
  readonly claims: readonly ClaimFinding[];
}

/**
 * The one function that decides. `ok` needs every claim confirmed and the ledger confirmed within the bound; one objection
 * is enough for `do-not-use`, however old its data; everything else is `unknown`.
 */
export function verdictOf(facts: VerdictFacts): Verdict {
  const claims = claimsOf(facts);
  const objection = first(claims, 'objection');
  if (objection !== undefined) return told('do-not-use', objection, claims, facts);
  const unknown = first(claims, 'unknown');
  if (unknown !== undefined) return told('unknown', unknown, claims, facts);
  return okOf(claims, facts);
}

function okOf(claims: readonly ClaimFinding[], facts: VerdictFacts): Verdict {
  if (facts.found.state !== 'found') throw new Error('only what was found is ok');
  const { object } = facts.found;
  const asOf = oldest(claims);
  const warning = warningOf(object, facts);
  return {
    answer: 'ok',
    kind: null,
    reason: 'no-objection',
    sentence: okSentenceOf(object.kind, object.chains.length, instantText(asOf ?? facts.now)),
    nextStep: okStepOf(object.kind, warning?.kind ?? null),
    warning: warning?.sentence ?? null,
    asOf,
    claims,
  };
}

/** Every claim about what the code led to. */
function claimsOf(facts: VerdictFacts): readonly ClaimFinding[] {
  const identified = claimer('identified', facts.now);
  switch (facts.found.state) {
    case 'product-not-found':
      return [identified.unknown('product-not-found', 'No product of this GTIN is published here.')];
    case 'data-not-received':
      return [identified.unknown('data-not-received', 'No data about this code has been received by you.')];
    case 'pack-not-registered':
      return [
        identified.unknown(
          'pack-not-registered',
          'The batch is known, but no pack with this serial number is in it: suspected.',
        ),
      ];
    case 'lot-mismatch':
      return [
        identified.objection(
          'lot-mismatch',
          'The serial number is registered in another batch than the code says: suspected.',
        ),
      ];
    case 'found':
      return [identified.confirmed('The code is known here.'), ...objectClaims(facts.found.object, facts)];
    default:
      return unreachable(facts.found);
  }
}

function objectClaims(object: ObjectFacts, facts: VerdictFacts): readonly ClaimFinding[] {
  const asOf = facts.ledgerConfirmedAt === null ? null : Math.min(facts.ledgerConfirmedAt, facts.now);
  return [
    registeredClaim(object, asOf),
    certifiedClaim(object.batches, asOf),
    recallClaim(object.batches, asOf),
    expiryClaim(object, facts, asOf),
    ...(object.pack === null ? [] : [decommissionClaim(object.pack, facts, asOf)]),
    authorisedClaim(facts, asOf),
    custodyClaim(object, facts, asOf),
    holdClaim(object, asOf),
    temperatureClaim(object, facts, asOf),
    outstandingClaim(object, facts),
    ledgerClaim(facts, asOf),
  ];
}

/** Who is suspended can do nothing with what he holds. Captured, it counts before it is anchored. */
function authorisedClaim({ party }: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('authorised', asOf);
  if ([party.ledger, party.expected].some((state) => state?.state === 'suspended')) {
    return claim.objection('organisation-suspended', 'Your organisation is suspended by the authority.');
  }
  return party.ledger === null
    ? claim.unknown('not-anchored', 'Your organisation is not registered on the ledger yet.')
    : claim.confirmed('Your organisation is authorised.');
}

/** What a refusal of these codes says about the goods, not only about the act. */
const REFUSALS_ABOUT_GOODS: ReadonlySet<string> = new Set([
  'pack-already-decommissioned',
  'pack-not-of-batch',
  'unit-held',
  'batch-recalled',
  'batch-expired',
  'batch-not-certified',
]);

/** No event about it was refused, and none waits for its anchor longer than the bound. */
function outstandingClaim({ events }: ObjectFacts, facts: VerdictFacts): ClaimFinding {
  const claim = claimer('nothing-outstanding', facts.now);
  const grave = events.refusals.find(({ code }) => REFUSALS_ABOUT_GOODS.has(code));
  if (grave !== undefined) {
    return claim.objection(
      'refused-by-ledger',
      `The ledger refused an event about it (${grave.code}) of ${instantText(grave.at)}.`,
    );
  }
  const [refused] = events.refusals;
  if (refused !== undefined) {
    return claim.unknown(
      'event-refused',
      `The ledger refused an event about it (${refused.code}) of ${instantText(refused.at)}.`,
    );
  }
  const waits = events.oldestPendingAt === null ? 0 : facts.now - events.oldestPendingAt;
  if (waits > facts.boundMs) {
    return claim.unknown(
      'event-pending',
      `An event about it has been waiting for its anchor for ${durationText(waits)}.`,
    );
  }
  return claim.confirmed('No event about it is refused or overdue.');
}

/** The state that all other claims read is the ledger's, as of a time within the bound. */
function ledgerClaim(facts: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('ledger-confirmed', asOf);
  if (asOf === null) return claim.unknown('ledger-not-confirmed', 'The ledger has not been read here yet.');
  if (facts.now - asOf > facts.boundMs) {
    return claim.unknown('ledger-not-confirmed', `The ledger was last confirmed at ${instantText(asOf)}.`);
  }
  return claim.confirmed('The ledger was confirmed.');
}

/** The claim of a state whose reason stands first in the list of reasons: the gravest is told. */
function first(claims: readonly ClaimFinding[], state: 'objection' | 'unknown'): ClaimFinding | undefined {
  const rank = (claim: ClaimFinding): number => VERDICT_REASONS.indexOf(claim.reason ?? 'no-objection');
  return claims.filter((claim) => claim.state === state).sort((a, b) => rank(a) - rank(b))[0];
}

function told(
  answer: 'do-not-use' | 'unknown',
  claim: ClaimFinding,
  claims: readonly ClaimFinding[],
  facts: VerdictFacts,
): Verdict {
  if (claim.reason === null) throw new Error('a confirmed claim is no reason against something');
  return {
    answer,
    kind: answer === 'unknown' ? kindOf(claim.reason) : null,
    reason: claim.reason,
    sentence: claim.sentence,
    nextStep: nextStepOf(claim.reason),
    warning:
      answer === 'unknown' && facts.found.state === 'found'
        ? (warningOf(facts.found.object, facts)?.sentence ?? null)
        : null,
    asOf: claim.asOf ?? facts.ledgerConfirmedAt,
    claims,
  };
}

const oldest = (claims: readonly ClaimFinding[]): number | null =>
  claims.reduce<number | null>(
    (least, { asOf }) => (asOf !== null && (least === null || asOf < least) ? asOf : least),
    null,
  );
