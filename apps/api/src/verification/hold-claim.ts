import { sameHold } from '@coldchain/chaincode/domain';
import type { Hold, HoldReason, UnitState } from '@coldchain/chaincode/protocol';
import { type ClaimFinding, claimer, instantText } from './verdict-claims.js';
import type { ObjectFacts, UnitFacts } from './verdict-facts.js';

/** No unit of any chain is quarantined. A hold that was captured counts before it is anchored, a release only after. */
export function holdClaim(object: ObjectFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('not-held', asOf);
  const units = object.chains.flat();
  const held = object.chains.flatMap((chain) => [...heldIn(chain, 'ledger'), ...heldIn(chain, 'expected')]);
  const [gravest] = held.sort((a, b) => rankOf(a.hold) - rankOf(b.hold) || a.hold.placedAt - b.hold.placedAt);
  if (gravest !== undefined) {
    const others =
      held.filter(({ hold }, index) => held.findIndex((one) => sameHold(one.hold, hold)) === index).length - 1;
    return claim.objection('on-hold', `${sentenceOf(gravest)}${othersText(others)}`);
  }
  // Their holds are on the ledger where who rejected them could place them: not on what was with others by then.
  if (units.some(({ rejected }) => rejected)) {
    return claim.objection('on-hold', 'It was rejected after a deviation, or came out of a unit that was.');
  }
  if (units.length === 0 || units.some((unit) => unit.ledger === null)) {
    return claim.unknown('not-anchored', 'The ledger cannot say yet whether it is quarantined.');
  }
  if (units.some(isReleasePending)) {
    return claim.unknown('not-anchored', 'A hold was released; the ledger does not say so yet.');
  }
  const released = units.some(({ ledger }) => (ledger?.releases ?? []).length > 0);
  return claim.confirmed(released ? 'It was quarantined; every hold has been released.' : 'No hold is recorded.');
}

interface Held {
  readonly hold: Hold;
  readonly unit: UnitState;
}

/**
 * The holds of a chain in one account. What lies in a unit is spoken for by it: a hold of an inner one that was released
 * on the outer one is released, as it will be when the inner one is taken out.
 */
function heldIn(chain: readonly UnitFacts[], account: 'ledger' | 'expected'): Held[] {
  const states = chain.map((unit) => unit[account] ?? unit.ledger);
  return states.flatMap((unit, index) =>
    unit === null
      ? []
      : unit.holds
          .filter((hold) => !states.slice(index + 1).some((outer) => outer !== null && hasReleased(outer, hold)))
          .map((hold) => ({ hold, unit })),
  );
}

/** Held and released before the ledger knew of either: what is expected is not yet so. */
function isReleasePending({ ledger, expected }: UnitFacts): boolean {
  const known = ledger?.releases ?? [];
  return (expected?.releases ?? []).some(
    (release) => !known.some((one) => sameHold(one, release) && one.releasedWith === release.releasedWith),
  );
}

const hasReleased = (unit: UnitState, hold: Hold): boolean =>
  (unit.releases ?? []).some((release) => sameHold(release, hold)) && !unit.holds.some((one) => sameHold(one, hold));

/** The gravest is told: what an authority ordered, then suspicion, then temperature. */
const KINDS: readonly Hold['kind'][] = ['authority', 'security', 'thermal', 'discrepancy'];
const rankOf = (hold: Hold): number => KINDS.indexOf(hold.kind);

function othersText(others: number): string {
  if (others === 0) return '';
  return others === 1 ? ' One more hold stands.' : ` ${others} more holds stand.`;
}

const sentenceOf = ({ hold, unit }: Held): string =>
  `Quarantined since ${instantText(hold.placedAt)}: ${REASONS[hold.reason]}${stepOf(hold, unit)}.`;

const REASONS: Readonly<Record<HoldReason, string>> = {
  'budget-exceeded': 'the temperature budget was exceeded',
  'freeze-rule': 'it has been frozen',
  'temperature-doubted': 'its temperature is doubted',
  'unannounced-receipt': 'it was received without being announced',
  'receipt-discrepancy': 'the receiver reported a discrepancy',
  'receipt-refused': 'the receiver refused it',
  'discrepancy-reported': 'a discrepancy was reported',
  'falsification-suspected': 'it is suspected to be falsified',
  'ordered-by-authority': 'the authority ordered it',
};

/** How far the decision is: a thermal hold is released after every owner has found his goods usable. */
function stepOf(hold: Hold, unit: UnitState): string {
  const assessments = hold.assessments ?? [];
  if (assessments.some(({ conclusion }) => conclusion === 'not-usable')) return '; its owner found it not usable';
  if (hold.kind !== 'thermal') return assessments.length === 0 ? '' : '; its owner found it usable';
  const missing = unit.batches.filter(({ batch }) => !assessments.some((known) => known.batch === batch)).length;
  if (missing === 0) return '; found usable, not released yet';
  return assessments.length === 0 ? '; not assessed yet' : `; ${missing} of its batches are not assessed yet`;
}
