import { HOLD_REASONS, type HoldKind, type HoldReason, type HoldReference } from '@coldchain/chaincode/protocol';
import { RequestProblem } from '../http/request-problem.js';

/** Each reason belongs to one kind. */
const KIND_OF: Readonly<Record<HoldReason, HoldKind>> = {
  'budget-exceeded': 'thermal',
  'freeze-rule': 'thermal',
  'temperature-doubted': 'thermal',
  'unannounced-receipt': 'discrepancy',
  'receipt-discrepancy': 'discrepancy',
  'receipt-refused': 'discrepancy',
  'discrepancy-reported': 'discrepancy',
  'falsification-suspected': 'security',
  'ordered-by-authority': 'authority',
};

/** Why there is a hold of a kind that a person placed. */
const PLACED: Readonly<Record<HoldKind, HoldReason>> = {
  thermal: 'temperature-doubted',
  discrepancy: 'discrepancy-reported',
  security: 'falsification-suspected',
  authority: 'ordered-by-authority',
};

/** The reason of a hold that a person places. */
export const reasonOf = (kind: HoldKind): HoldReason => PLACED[kind];

/** The hold that a path names: `{commitment}.{reason}`. @throws RequestProblem `query-invalid` */
export function holdReferenceOf(id: string): HoldReference {
  const [commitment = '', named] = id.split('.');
  const reason = HOLD_REASONS.find((known) => known === named);
  if (reason === undefined) throw new RequestProblem('query-invalid', 'hold: no such reason of a hold');
  return { kind: KIND_OF[reason], reason, commitment };
}
