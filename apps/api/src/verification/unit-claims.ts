import type { ProfileId, UnitState } from '@coldchain/chaincode/protocol';
import { judgeTemperature, type TemperatureFinding } from './temperature.js';
import { uncalibratedSentence } from './temperature-warning.js';
import { type ClaimFinding, claimer, durationText, instantText } from './verdict-claims.js';
import type { ObjectFacts, UnitFacts, VerdictFacts } from './verdict-facts.js';

const statesOf = ({ ledger, expected }: UnitFacts): readonly UnitState[] =>
  [ledger, expected].filter((state) => state !== null);

/**
 * The asker is the recorded custodian, on the ledger and by everything captured since; only one's own stock is ok. The
 * outermost unit speaks for what is in it.
 */
export function custodyClaim(object: ObjectFacts, facts: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('in-your-custody', asOf);
  if (object.moreUnits) {
    return claim.unknown('too-many-units', 'More units lie under this code than one answer judges.');
  }
  if (object.chains.length === 0) {
    return object.kind === 'batch'
      ? claim.unknown('not-in-your-custody', 'No unit of this batch is recorded in your custody.')
      : claim.unknown('no-unit-recorded', 'No logistic unit that you hold the data of is recorded for it.');
  }
  const findings = object.chains.map((chain) => chainCustody(chain, object, facts, asOf));
  return (
    findings.find((finding) => finding.state === 'objection') ??
    findings.find((finding) => finding.state === 'unknown') ??
    claim.confirmed('You are the recorded custodian.')
  );
}

function chainCustody(
  chain: readonly UnitFacts[],
  object: ObjectFacts,
  facts: VerdictFacts,
  asOf: number | null,
): ClaimFinding {
  const claim = claimer('in-your-custody', asOf);
  if (chain.flatMap(statesOf).some((state) => state.claimedBy !== null)) {
    return claim.objection('custody-disputed', 'Two parties claim custody of the unit.');
  }
  const inner = chain[0];
  const outer = chain.at(-1);
  if (inner === undefined || outer === undefined || chain.some((unit) => unit.ledger === null) || !isLinked(chain)) {
    return claim.unknown('not-anchored', 'The packing of the unit is not on the ledger yet.');
  }
  const known = new Set(object.batches.map((batch) => batch.key));
  if (statesOf(inner).some((state) => state.batches.length === 0 || !holdsOf(object, state, known))) {
    return claim.unknown('no-unit-recorded', 'The unit on record does not hold this batch.');
  }
  if (object.kind === 'unit' && statesOf(inner).some((state) => state.status === 'dissolved')) {
    return claim.unknown('no-unit-recorded', 'The unit was unpacked completely.');
  }
  for (const state of statesOf(outer)) {
    if (state.status === 'in-transit') {
      const sentence = state.receiver === facts.asker ? 'It is on its way to you.' : 'It is in transit.';
      return claim.unknown('in-transit', sentence);
    }
    if (state.custodian !== facts.asker) {
      return claim.unknown('not-in-your-custody', 'It is not recorded in your custody.');
    }
  }
  return claim.confirmed('You are the recorded custodian.');
}

/** Each unit names the next one as its parent, and the outermost none, on the ledger and in what is expected. */
function isLinked(chain: readonly UnitFacts[]): boolean {
  return chain.every((unit, index) =>
    statesOf(unit).every((state) => state.parent === (chain[index + 1]?.key ?? null)),
  );
}

/** A pack's or batch's own batch is in the unit; of a unit every batch is among those judged. */
function holdsOf(object: ObjectFacts, state: UnitState, known: ReadonlySet<string>): boolean {
  return object.kind === 'unit'
    ? state.batches.every((content) => known.has(content.batch))
    : state.batches.some((content) => known.has(content.batch));
}

/** Within every budget, with the evidence that each profile asks for, up to now. */
export function temperatureClaim(object: ObjectFacts, facts: VerdictFacts, asOf: number | null): ClaimFinding {
  const claim = claimer('temperature', asOf);
  if (object.batches.some(({ ledger }) => ledger === null)) {
    return claim.unknown('not-anchored', 'The profile that counts is not on the ledger yet.');
  }
  const findings = temperatureFindings(object, facts);
  if (findings === null || findings.length === 0) {
    return claim.unknown('evidence-missing', 'What it has been through cannot be judged from the data received.');
  }
  if (findings.some(({ state }) => state === 'frozen')) {
    return claim.objection('frozen', 'It has been at freezing temperature longer than allowed.', facts.now);
  }
  if (findings.some(({ state }) => state === 'exceeded')) {
    return claim.objection('temperature-exceeded', 'The time allowed outside of its limits is spent.', facts.now);
  }
  const evidenced = object.batches.some(({ ledger }) => asksForEvidence(object, ledger?.profile));
  const evaluatedTo = facts.evaluationConfirmedAt;
  if (evidenced && (evaluatedTo === null || facts.now - evaluatedTo > facts.boundMs)) {
    return claim.unknown(
      'evaluation-not-confirmed',
      evaluatedTo === null
        ? 'No temperatures have been evaluated here yet.'
        : `The temperatures were last known to be evaluated at ${instantText(evaluatedTo)}.`,
      evaluatedTo,
    );
  }
  const missing = findings.find((finding) => finding.state === 'evidence-missing');
  if (missing !== undefined) {
    const since = missing.since === null ? '' : ` since ${instantText(missing.since)}`;
    return claim.unknown('evidence-missing', `Temperatures of ${durationText(missing.missingMs)} are missing${since}.`);
  }
  const within = findings.filter((finding) => finding.state === 'within');
  const percent = Math.max(...within.map(({ spentPercent }) => spentPercent));
  const times = within.flatMap((finding) => (finding.asOf === null ? [] : [finding.asOf]));
  const excused = within.some((finding) => finding.excused);
  const uncalibrated = uncalibratedSentence(object);
  const spentOnly = excused
    ? 'It has been outside its limits longer than allowed; its owners found it usable, and the hold was released.'
    : `Of the time allowed outside its limits ${percent} % is spent.`;
  const spent = uncalibrated === null ? spentOnly : `${spentOnly} ${uncalibrated}`;
  if (times.length === 0) {
    return claim.confirmed(
      excused
        ? spent
        : evidenced
          ? 'It lies in packaging that is qualified for this time; nothing was measured.'
          : 'Its profile asks for no temperature evidence; nothing is known against it.',
    );
  }
  return claim.confirmed(spent, Math.min(asOf ?? facts.now, evaluatedTo ?? facts.now, ...times));
}

const asksForEvidence = (object: ObjectFacts, id: ProfileId | undefined): boolean =>
  id !== undefined && object.profiles.get(id)?.evidence !== 'none';

/** One finding per chain and profile; null when a profile is not known. */
function temperatureFindings(object: ObjectFacts, facts: VerdictFacts): readonly TemperatureFinding[] | null {
  const findings: TemperatureFinding[] = [];
  for (const batch of object.batches) {
    const id = batch.ledger?.profile;
    const profile = id === undefined ? undefined : object.profiles.get(id);
    if (id === undefined || profile === undefined) return null;
    for (const chain of object.chains) findings.push(judgeTemperature(chain, id, profile, facts.now));
  }
  return findings;
}
