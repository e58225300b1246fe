import { expect, it } from '@jest/globals';
import { ManualClock, SeededRandom } from '@coldchain/kernel';
import { GatewayAuthentication } from './gateway-authentication.js';

it('asks a database that hangs no more than so many questions, and goes on when it answers', async () => {
  const answers: (() => void)[] = [];
  const query = <Row>(): Promise<Row[]> => new Promise((_, reject) => answers.push(() => reject(new Error('away'))));
  const authentication = new GatewayAuthentication({ query }, new ManualClock(0), new SeededRandom('a'));
  const attempt = (): Promise<unknown> => authentication.authenticate('north/g1', Buffer.from('p'));
  const asked = Array.from({ length: 1_000 }, attempt);
  expect(await attempt()).toEqual({ ok: false, code: 'busy' });
  expect(answers).toHaveLength(1_000);
  for (const answer of answers) answer();
  expect((await Promise.allSettled(asked)).every(({ status }) => status === 'rejected')).toBe(true);
  const again = attempt();
  expect(answers).toHaveLength(1_001);
  answers[1_000]?.();
  await expect(again).rejects.toThrow('away');
});
