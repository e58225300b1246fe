import { tellFailure, withDatabase } from '../open-database.js';
import { rebuild } from './rebuild.js';

const INCOMPLETE = 2;
const USAGE = 64;
const BLOCKS_PER_NOTE = 1_000;

/**
 * `rebuild [--json]`: builds the read model anew from block 0; a worker may run beside it.
 * @returns the exit status: 0 done, 2 the ledger or the database does not answer, nothing was changed, 64 usage
 */
export async function runRebuild(arguments_: readonly string[]): Promise<number> {
  const json = arguments_.includes('--json');
  if (arguments_.some((argument) => argument !== '--json')) {
    process.stderr.write('usage: rebuild [--json]\n');
    return USAGE;
  }
  try {
    const blocks = await withDatabase('rebuild', async ({ pool, ledger }) =>
      rebuild(pool, await ledger(), (number) => {
        if (process.stderr.isTTY && number % BLOCKS_PER_NOTE === 0) process.stderr.write(`${number} blocks\n`);
      }),
    );
    process.stdout.write(json ? `${JSON.stringify({ blocks })}\n` : `built anew from ${blocks} blocks\n`);
    return 0;
  } catch (error) {
    tellFailure(error);
    return INCOMPLETE;
  }
}
