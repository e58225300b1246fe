import { isExpired } from '@coldchain/chaincode/domain';
import type { BatchState, Recall } from '@coldchain/chaincode/protocol';
import { type ClaimFinding, claimer, instantText } from './verdict-claims.js';
import type { BatchFacts, ObjectFacts, PackFacts, VerdictFacts } from './verdict-facts.js';

const statesOf = ({ ledger, expected }: BatchFacts): readonly BatchState[] =>
  [ledger, expected].filter((state) => state !== null);

/** The ledger knows the batch, and the run that the pack belongs to. */
export function registeredClaim(object: ObjectFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('registered', asOf);
  const { batches, pack } = object;
  if (batches.length === 0) return claim.unknown('not-anchored', 'The contents are not on the ledger yet.');
  for (const { ledger } of batches) {
    if (ledger === null)
      return claim.unknown('not-anchored', 'The registration of the batch is not on the ledger yet.');
    if (pack !== null && ledger.packRoots.length <= pack.run) {
      return claim.unknown('not-anchored', 'The registration of the pack is not on the ledger yet.');
    }
  }
  return claim.confirmed(pack === null ? 'The batch is registered.' : 'The pack is registered in its batch.');
}

/** Every batch is certified by its qualified person. */
export function certifiedClaim(batches: readonly BatchFacts[], asOf: number | null): ClaimFinding {
  const claim = claimer('certified', asOf);
  for (const { ledger, expected } of batches) {
    if (ledger?.certified === true && expected?.certified !== false) continue;
    if (ledger === null || expected?.certified === true) {
      return claim.unknown('not-anchored', 'No certification of the batch is on the ledger yet.');
    }
    return claim.objection('not-certified', 'The batch is not certified.');
  }
  return batches.length === 0
    ? claim.unknown('not-anchored', 'The contents are not on the ledger yet.')
    : claim.confirmed('The batch is certified.');
}

function recallText(recall: Recall | null, beside: readonly Recall[] = []): string {
  const gravest = recall === null ? '' : `: class ${recall.class}, to ${recall.depth} level`;
  const others = beside.length === 0 ? '' : ' Another party has recalled it as well.';
  return `The batch is recalled${gravest}.${others}`;
}

/** No batch is recalled. A recall that was captured counts before it is anchored, the end of one only after. */
export function recallClaim(batches: readonly BatchFacts[], asOf: number | null): ClaimFinding {
  const claim = claimer('not-recalled', asOf);
  const recalled = batches.flatMap(statesOf).find((state) => state.recall !== null);
  if (recalled !== undefined) return claim.objection('recalled', recallText(recalled.recall, recalled.recallsBeside));
  return batches.length === 0 || batches.some(({ ledger }) => ledger === null)
    ? claim.unknown('not-anchored', 'The ledger cannot say yet whether the batch is recalled.')
    : claim.confirmed('No recall stands.');
}

/** Within the expiry day (UTC), and the scanned expiry is the registered one. */
export function expiryClaim(object: ObjectFacts, facts: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('not-expired', asOf);
  const { batches, scannedExpiry } = object;
  for (const batch of batches) {
    const days = [...statesOf(batch).map((state) => state.expiry), ...(batch.expiry === null ? [] : [batch.expiry])];
    const expired =
      statesOf(batch).find((state) => isExpired(state, facts.now))?.expiry ?? lastDayPassed(days, facts.now);
    if (expired !== undefined) return claim.objection('expired', `It expired on ${expired}.`, facts.now);
    if (scannedExpiry !== null && days.some((day) => day !== scannedExpiry)) {
      return claim.objection(
        'expiry-mismatch',
        `The code says ${scannedExpiry}, the registered expiry is ${days[0] ?? 'another day'}: suspected.`,
      );
    }
    if (new Set(days).size > 1) return claim.objection('expiry-mismatch', 'Two different expiry days are recorded.');
    if (batch.ledger === null) return claim.unknown('not-anchored', 'The expiry is not on the ledger yet.');
  }
  return batches.length === 0
    ? claim.unknown('not-anchored', 'The contents are not on the ledger yet.')
    : claim.confirmed(`It expires on ${soonest(batches)}.`);
}

const soonest = (batches: readonly BatchFacts[]): string =>
  batches
    .flatMap((batch) => statesOf(batch).map((state) => state.expiry))
    .sort()
    .at(0) ?? 'an unknown day';

const lastDayPassed = (days: readonly string[], now: number): string | undefined =>
  days.find((day) => day < new Date(now).toISOString().slice(0, 10));

/** The pack has not left the supply chain. What was captured counts before it is anchored; what was reverted only after. */
export function decommissionClaim(pack: PackFacts, facts: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('not-decommissioned', asOf);
  const state = [pack.ledger, pack.expected].find((one) => one !== null && one.status !== 'active');
  if (state === undefined || state === null) {
    if (pack.ledger === null && pack.expected !== null) {
      return claim.unknown('not-anchored', 'It was taken out and put back; the ledger does not say so yet.');
    }
    return claim.confirmed(
      pack.ledger === null
        ? 'It is not recorded as dispensed or decommissioned.'
        : `It was taken out by mistake and put back at ${instantText(pack.ledger.at)}.`,
    );
  }
  const who = state.by === facts.asker ? 'by you' : 'by another party';
  const sentence = `It is recorded as ${state.status} ${who} since ${instantText(state.at)}.`;
  return claim.objection(state.status === 'dispensed' ? 'already-dispensed' : 'decommissioned', sentence);
}
