import type { HoldReference } from '@coldchain/chaincode/protocol';
import type { ActContext } from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { RequestProblem } from '../http/request-problem.js';
import { lockUnitsUnder, standingCasesOf } from './standing-cases.queries.js';

/**
 * A thermal hold is not the way round a case: its decision is the Responsible Person's.
 * @throws RequestProblem `case-not-released`
 */
export async function requireReleasedCases(
  context: ActContext,
  hold: HoldReference,
  ssccs: readonly Sscc[] | undefined,
): Promise<void> {
  if (hold.kind !== 'thermal') return;
  const units = await lockUnitsUnder(context, hold, ssccs ?? null);
  const cases = await standingCasesOf(
    context.transaction,
    units.map(({ unit_key }) => unit_key),
    null,
  );
  if (cases.length === 0) return;
  const named = new Map(cases.map(({ id, sscc, decision }) => [id, `${id} (${decision ?? 'open'}) of ${sscc}`]));
  throw new RequestProblem('case-not-released', `cases that were not released: ${[...named.values()].join(', ')}`);
}
