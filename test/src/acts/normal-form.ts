import type { LedgerEvent, RefusalMessage } from '@coldchain/chaincode/protocol';
import type { LedgerTransaction } from '@coldchain/ledger';
import type { Model } from './model.js';
import { statesIn, type Transcript } from './transcript.js';

/**
 * What two ledgers must have in common, as text. A run leaves three things of its own in states and refusals, and no
 * others: the id of a transaction (`transactionId` of an anchor, and of the anchor that a reused commitment names), the
 * time of the proposal (`proposalTime` of an anchor, `recordedAt` of a pack, `proposalTime` of a refused event that lies
 * ahead), and what follows from it (`lateByMs`). Each is compared with what the ledger itself says about its transaction,
 * and left out only then.
 * @returns one line per act, one per state in order of the keys, and what does not fit together within the ledger
 */
export function normalForm({ answers, states }: Transcript): {
  readonly acts: readonly string[];
  readonly states: readonly string[];
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const anchoredBy = new Map<string, string>();
  const left = new Map<string, string>();
  const acts = answers.map((answer, index) => {
    if (answer.kind === 'refused') {
      const { code, details } = answer.refusal;
      const { transactionId } = details;
      if (transactionId !== undefined && transactionId !== anchoredBy.get(String(details['commitment'])))
        problems.push(`act ${index}: ${code} names transaction ${String(transactionId)}`);
      return refusalLine(answer.refusal);
    }
    const { event } = answer.transaction;
    if (event === null) return 'done before';
    for (const problem of ownValues(answer.transaction, event)) problems.push(`act ${index}: ${problem}`);
    if (event.anchor !== null) anchoredBy.set(event.anchor.commitment, event.anchor.transactionId);
    for (const [id, state] of statesIn(event)) left.set(id, JSON.stringify(state));
    return eventLine(event);
  });
  for (const [id, text] of states) {
    // The regulator's party was there before.
    const expected = left.get(id) ?? (id === REGULATOR_STATE ? text : 'nothing');
    if (text !== expected) problems.push(`${id} is ${text}, its last event left ${expected}`);
  }
  const lines = [...states].map(([id, text]) => `${id} ${withoutOwnValues(text)}`).sort();
  return { acts, states: lines, problems };
}

/** The same lines from what the rules said when the acts were drawn. */
export const expectedActs = ({ decisions }: Model): string[] =>
  decisions.map((decision) => {
    if (!decision.ok) return refusalLine(decision.refusal);
    return decision.event === null ? 'done before' : eventLine(decision.event);
  });

function refusalLine({ code, details }: RefusalMessage): string {
  const { transactionId, proposalTime, ...rest } = details;
  return `refused ${JSON.stringify({ code, details: rest, own: [transactionId, proposalTime].map((one) => typeof one) })}`;
}

const eventLine = (event: LedgerEvent): string => `committed ${withoutOwnValues(JSON.stringify(event))}`;

const REGULATOR_STATE = 'party:RegulatorMSP:authority';

function ownValues({ transactionId, timestamp }: LedgerTransaction, { anchor, packs }: LedgerEvent): string[] {
  const problems: string[] = [];
  if (anchor !== null) {
    const { eventTime, proposalTime, lateByMs } = anchor;
    if (anchor.transactionId !== transactionId) problems.push(`the anchor names ${anchor.transactionId}`);
    if (proposalTime !== timestamp) problems.push(`proposed at ${timestamp}, anchored as ${proposalTime}`);
    if (lateByMs !== Math.max(0, proposalTime - eventTime)) problems.push(`late by ${lateByMs}`);
  }
  for (const { recordedAt } of packs) if (recordedAt !== timestamp) problems.push(`pack recorded at ${recordedAt}`);
  return problems;
}

const withoutOwnValues = (text: string): string =>
  text
    .replaceAll(/"transactionId":"[0-9a-f]{64}"/g, '"transactionId":"…"')
    .replaceAll(/"(proposalTime|lateByMs|recordedAt)":\d+/g, '"$1":0');
