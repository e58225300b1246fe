import { tellFailure, withDatabase } from '../open-database.js';
import { unpark } from './parking.js';

const DONE = 0;
const NOT_PARKED = 1;
const INCOMPLETE = 2;
const USAGE = 64;

/**
 * `unpark ID…|--all [--json]`: lets parked outbox rows go again, with all that waits for them. Prints their ids.
 * @returns the exit status: 0 done, 1 one of them was not parked, 2 the database does not answer, 64 usage
 */
export async function runUnpark(arguments_: readonly string[]): Promise<number> {
  const json = arguments_.includes('--json');
  const rest = arguments_.filter((argument) => argument !== '--json');
  const all = rest.length === 1 && rest[0] === '--all';
  if (rest.length === 0 || (!all && !rest.every((argument) => /^\d{1,15}$/.test(argument)))) {
    process.stderr.write('usage: unpark ID…|--all [--json]\n');
    return USAGE;
  }
  const ids = all ? null : rest.map(Number);
  try {
    const released = await withDatabase('unpark', ({ pool }) => unpark(pool, ids));
    const missing = (ids ?? []).filter((id) => !released.includes(id));
    process.stdout.write(
      json ? `${JSON.stringify({ released, missing })}\n` : released.map((id) => `${id}\n`).join(''),
    );
    for (const id of missing) process.stderr.write(`not-parked: outbox row ${id}; see \`coldchain ledger status\`\n`);
    return missing.length === 0 ? DONE : NOT_PARKED;
  } catch (error) {
    tellFailure(error);
    return INCOMPLETE;
  }
}
