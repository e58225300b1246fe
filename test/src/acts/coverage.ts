import { COMMANDS, type Command, REFUSALS, type Refusal } from '@coldchain/chaincode/protocol';
import type { Model } from './model.js';
import type { Run } from './transcript.js';

/** How often each command was committed (done before included) and refused, and how often each refusal occurred. */
export interface Coverage {
  readonly acts: number;
  readonly committed: number;
  readonly replayed: number;
  readonly commands: ReadonlyMap<Command, { readonly committed: number; readonly refused: number }>;
  readonly refusals: ReadonlyMap<Refusal, number>;
}

/** Counts what a run met. */
export function coverageOf(worlds: readonly Model[], { worlds: transcripts }: Run): Coverage {
  const commands = new Map(COMMANDS.map((command) => [command, { committed: 0, refused: 0 }]));
  const refusals = new Map<Refusal, number>(REFUSALS.map((code) => [code, 0]));
  let [acts, committed, replayed] = [0, 0, 0];
  worlds.forEach((world, index) => {
    world.acts.forEach(({ command }, at) => {
      const answer = transcripts[index]?.answers[at];
      const count = commands.get(command);
      if (answer === undefined || count === undefined) return;
      acts++;
      if (answer.kind === 'refused') {
        count.refused++;
        refusals.set(answer.refusal.code, (refusals.get(answer.refusal.code) ?? 0) + 1);
        return;
      }
      committed++;
      count.committed++;
      if (answer.transaction.event === null) replayed++;
    });
  });
  return { acts, committed, replayed, commands, refusals };
}

/** Lines for the log of a run. */
export function describeCoverage({ acts, committed, replayed, commands, refusals }: Coverage): string {
  const share = Math.round((committed / acts) * 100);
  const perCommand = [...commands].map(([command, count]) => `${command} ${count.committed}/${count.refused}`);
  const perCode = [...refusals].map(([code, count]) => `${code} ${count}`);
  return [
    `${acts} acts: ${committed} committed (${share} %), of them ${replayed} done before; ${acts - committed} refused`,
    `committed/refused: ${perCommand.join(', ')}`,
    `refusals: ${perCode.join(', ')}`,
  ].join('\n');
}
