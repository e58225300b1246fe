import type { UnknownKind, VerdictReason } from '@coldchain/api-contract';
import { unreachable } from '@coldchain/kernel';
import type { TemperatureWarning } from './temperature-warning.js';
import type { ObjectFacts } from './verdict-facts.js';

type ObjectKind = ObjectFacts['kind'];

const NEXT_STEPS = {
  recalled: 'Do not supply or dispense. Put it aside and follow the recall notice.',
  'already-dispensed':
    'Do not dispense. If it still lies before you, put it aside as suspected and call your responsible person.',
  decommissioned: 'Do not dispense. Put it aside and call your responsible person.',
  expired: 'Do not dispense. Put it with the goods for destruction.',
  'expiry-mismatch': 'Put it aside as suspected. Scan again; if the answer stays, call your responsible person.',
  'lot-mismatch': 'Put it aside as suspected. Scan again; if the answer stays, call your responsible person.',
  'on-hold': 'Do not supply or dispense. Put it into quarantine until quality has decided.',
  'temperature-exceeded': 'Put it into quarantine and call quality: the hold is on its way.',
  frozen: 'Put it into quarantine and call quality: the hold is on its way.',
  'custody-disputed': 'Put it into quarantine. Both parties must settle who holds it.',
  'organisation-suspended': 'Do not supply or dispense anything. Ask the authority.',
  'not-certified': 'Do not supply or dispense. Ask the manufacturer for the certification.',
  'refused-by-ledger': 'Put it aside. Your responsible person must clear the refused event first.',
  'product-not-found': 'Check the code and scan again. If the answer stays, put it aside and ask your supplier.',
  'pack-not-registered': 'Scan again. If the answer stays, put it aside as suspected and call your responsible person.',
  'data-not-received': 'Put it aside and ask your supplier for the despatch data.',
  'not-in-your-custody': 'Record the receipt if it lies before you, or ask the party that holds it.',
  'in-transit': 'Record its receipt, then ask again.',
  'no-unit-recorded': 'Put it aside and ask your supplier in which unit it was sent.',
  'evidence-missing': 'Put it aside until the missing temperatures arrive, or call quality.',
  'not-anchored': 'Ask again in a minute.',
  'event-pending': 'Ask again in a minute. If it stays, call your administrator.',
  'event-refused': 'Put it aside. Your responsible person must clear the refused event first.',
  'ledger-not-confirmed': 'Put it aside and ask again in a minute. If it stays, call your administrator.',
  'evaluation-not-confirmed': 'Put it aside and ask again in a minute. If it stays, call your administrator.',
  'too-many-units': 'Scan the unit or the pack itself.',
} as const satisfies Record<Exclude<VerdictReason, 'no-objection'>, string>;

/** What the person who scanned does now that it is not ok. */
export const nextStepOf = (reason: Exclude<VerdictReason, 'no-objection'>): string => NEXT_STEPS[reason];

const OK_STEPS = {
  none: 'It may be used.',
  outside: 'Use it at once or bring it back into its limits; when the allowed time is spent, it must not be used.',
  'nearly-spent': 'Use it soon and keep it within its limits; when the allowed time is spent, it must not be used.',
  'long-transit': 'Show it to quality first: it was on its way for longer than its profile takes.',
  spent: 'Use it soon and keep it within its limits: any more time outside of them holds it again.',
  uncalibrated: 'It may be used. Tell quality that its logger must be calibrated.',
} as const;

/** What the person who scanned does with what is ok. Only a pack may be used itself; what holds packs says nothing of each. */
export function okStepOf(kind: ObjectKind, warning: TemperatureWarning['kind'] | null): string {
  const step = OK_STEPS[warning ?? 'none'];
  switch (kind) {
    case 'pack':
      return `${step} Record it when it leaves your hands.`;
    case 'unit':
      return `${warning === null ? 'The unit may be kept or passed on.' : step} Check each pack by its own code before it is used.`;
    case 'batch':
      return `${warning === null ? '' : `${step} `}Check each pack or unit by its own code before it is used.`;
    default:
      return unreachable(kind);
  }
}

/** What an ok speaks about. */
export function okSentenceOf(kind: ObjectKind, units: number, asOf: string): string {
  switch (kind) {
    case 'pack':
      return `Identifier active, no objection as of ${asOf}.`;
    case 'unit':
      return `Unit active, no objection as of ${asOf}. This speaks of the unit as a whole: single packs of it may have been dispensed or decommissioned.`;
    case 'batch':
      return `Batch active, no objection as of ${asOf}. This speaks of the batch and of ${units === 1 ? 'the unit' : `the ${units} units`} of it in your custody: single packs may have been dispensed or decommissioned, and units elsewhere may be held.`;
    default:
      return unreachable(kind);
  }
}

/** Which kind of unknown a reason is; null for the reasons that are not. */
const KINDS: Partial<Record<VerdictReason, UnknownKind>> = {
  'product-not-found': 'not-found',
  'pack-not-registered': 'not-found',
  'data-not-received': 'data-not-received',
  'not-in-your-custody': 'data-not-received',
  'in-transit': 'data-not-received',
  'no-unit-recorded': 'data-not-received',
  'evidence-missing': 'data-not-received',
};

/** The kind of an unknown answer: not found, data not received, or cannot check now. */
export const kindOf = (reason: VerdictReason): UnknownKind => KINDS[reason] ?? 'cannot-check-now';
