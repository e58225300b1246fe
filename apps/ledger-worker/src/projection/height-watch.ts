import type { LedgerHealth } from '@coldchain/ledger';

/** What is wrong with an organisation's copy of the ledger. */
export interface HeightProblem {
  readonly mspid: string;
  readonly code: 'peer-silent' | 'peer-behind' | 'peer-differs';
  readonly text: string;
}

/**
 * Compares the copies of all organisations. A new block reaches one peer after the other: behind is who has not even
 * what the highest one had at the comparison before.
 * @param before the greatest height then; 0 for the first comparison
 * @param hashOf header hash of a block of the copy that is projected, 64 hex digits; undefined where it is not known
 */
export function compareHeights(
  { organisations = [] }: Pick<LedgerHealth, 'organisations'>,
  before: number,
  hashOf: (block: number) => string | undefined,
): HeightProblem[] {
  return organisations.flatMap(({ mspid, height, lastBlockHash }): HeightProblem[] => {
    if (height === null) return [{ mspid, code: 'peer-silent', text: 'its peer does not answer' }];
    const problems: HeightProblem[] = [];
    if (height < before) {
      problems.push({ mspid, code: 'peer-behind', text: `it has ${height} blocks, another had ${before} before` });
    }
    const expected = hashOf(height - 1);
    if (expected !== undefined && lastBlockHash !== null && lastBlockHash !== expected) {
      problems.push({ mspid, code: 'peer-differs', text: `its block ${height - 1} is another one than ours` });
    }
    return problems;
  });
}
