import { describe, expect, it } from '@jest/globals';
import { COMMANDS, REFUSALS } from '@coldchain/chaincode/protocol';
import { Clock } from '@coldchain/kernel';
import { planActs } from '../acts/plan.js';
import { planPairs } from '../acts/pairs.js';
import { run } from '../acts/transcript.js';
import { comparisonSuite, compareRuns } from './comparison.suite.js';
import { openEmbedded } from './open-embedded.js';

/** Three days later: what depends on the time of a run must not be taken for a difference, and nothing else may be. */
class LaterClock extends Clock {
  override now(): number {
    return Date.now() + 3 * 24 * 3_600_000;
  }
}

comparisonSuite(
  'two embedded ledgers',
  () => openEmbedded(),
  () => openEmbedded({ clock: new LaterClock(), blockWaitMs: 1 }),
  { worlds: 6, actsPerWorld: 60, pairs: 72, refusals: 20, commands: 8, timeoutMs: 240_000 },
);

describe('the acts that ledgers are compared with', () => {
  it('are the same for the same seed, and others for another', async () => {
    const text = async (seed: string): Promise<string> =>
      JSON.stringify((await planActs(seed, 2, 60)).map(({ acts }) => acts));
    const first = await text('seed');
    expect(await text('seed')).toBe(first);
    expect(await text('other seed')).not.toBe(first);
  });

  it('reach every command and every refusal but the one that needs ten days', async () => {
    const worlds = await planActs('coverage', 32, 313);
    const refused = new Set<string>();
    const committed = new Set<string>();
    for (const { acts, decisions } of worlds) {
      acts.forEach(({ command }, index) => {
        const decision = decisions[index];
        if (decision?.ok === true) committed.add(command);
        else if (decision !== undefined) refused.add(decision.refusal.code);
      });
    }
    expect(COMMANDS.filter((command) => !committed.has(command))).toEqual([]);
    expect(REFUSALS.filter((code) => !refused.has(code))).toEqual(['revert-window-over']);
  });

  it('pair each scenario in both orders, together and apart', () => {
    const { pairs } = planPairs('seed', 72);
    expect(new Set(pairs.map(({ name, together }) => `${name} ${together}`)).size).toBe(72);
    expect(pairs.filter(({ expected }) => expected[1] === 'committed')).toHaveLength(16);
  });
});

describe('the comparison', () => {
  it('finds a difference in an event, in a refusal, in a state and in a time', async () => {
    const worlds = await planActs('differences', 1, 40);
    const subject = await openEmbedded();
    try {
      const one = await run(subject.ledger, worlds);
      const [transcript] = one.worlds;
      if (transcript === undefined) throw new Error('no world');
      expect(compareRuns(worlds, one, one)).toEqual([]);
      const other = (change: Partial<typeof transcript>): string[] =>
        compareRuns(worlds, one, { ...one, worlds: [{ ...transcript, ...change }] });
      const answers = transcript.answers.map((answer) => JSON.stringify(answer));
      const changed = (from: RegExp, to: string): string[] =>
        other({
          answers: answers.map((text) => JSON.parse(text.replace(from, to)) as (typeof transcript.answers)[number]),
        });
      expect(changed(/"custodian":"ManufacturerMSP/, '"custodian":"DistributorMSP').length).toBeGreaterThan(0);
      expect(changed(/"code":"[a-z-]+"/, '"code":"other"').length).toBeGreaterThan(0);
      expect(changed(/"proposalTime":\d/, '"proposalTime":9').join()).toMatch(/anchored as 9/);
      const [[key = ''] = []] = [...transcript.states];
      const states = new Map(transcript.states).set(key, '{}');
      expect(other({ states }).join()).toContain(key);
    } finally {
      await subject.close();
    }
  }, 120_000);
});
