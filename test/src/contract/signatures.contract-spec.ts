import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Answered } from './api-world.js';
import { CasesWorld, PASSWORD } from './cases-world.js';
import { type Actor, carton } from './custody-world.js';

let world: CasesWorld;

beforeEach(async () => {
  world = await CasesWorld.open();
  await world.api.certifiedBatch('logger');
  await world.api.custody.logger('maker', 'LOG-1');
  await world.api.pack(carton(1), 1, 10, 'LOG-1');
  await world.measure('LOG-1', 60, 5);
  await world.measure('LOG-1', 60, 12);
  await world.measure('LOG-1', 60, 5);
  const { id } = await world.theCase('maker');
  await world.api.expect(201, 'acknowledgeCase', { params: { case: String(id) }, body: { reason: 'seen' } });
});
afterEach(() => world.close());

const code = ({ status, body }: Answered): string =>
  typeof body['code'] === 'string' ? `${status} ${body['code']}` : String(status);

/** A decision on the case as it was shown, under a key. */
async function decision(change: { readonly reason?: string; readonly password?: string } = {}) {
  const { id, digest } = await world.theCase('maker');
  const body = { decision: 'reject', reason: 'as seen', shown: digest, password: PASSWORD, ...change };
  return {
    role: 'responsible-person',
    params: { case: String(id) },
    headers: { 'idempotency-key': 'mine' },
    body,
  } as const;
}
const failures = async (): Promise<number | undefined> => {
  const [row] = await world.api.custody.owner.query<{ failures: number }>(
    `SELECT p.failures FROM account_password p JOIN account a ON a.id = p.account_id
     JOIN organisation o ON o.id = a.organisation_id WHERE o.slug = 'maker' AND a.name = 'responsible-person'`,
  );
  return row?.failures;
};
type Entry = Readonly<Record<string, unknown>>;
const audit = async (as: Actor = 'maker', query: Record<string, string> = {}): Promise<readonly Entry[]> =>
  (await world.api.expect(200, 'listAuditLog', { as, role: 'auditor', query })).body['entries'] as Entry[];

describe('a decision that is repeated under its key', () => {
  it('is answered as before, without its password, also when no attempt would be allowed', async () => {
    const sent = await decision();
    const first = await world.api.expect(201, 'decideCase', sent);
    const lost = { ...sent, body: { ...sent.body, password: 'mistyped' } };
    for (let repeat = 0; repeat < 7; repeat++) {
      const again = await world.api.expect(201, 'decideCase', repeat % 2 === 0 ? sent : lost);
      expect(again.body).toEqual(first.body);
    }
    expect(await failures()).toBe(0);
    expect(await audit()).toHaveLength(1);
    const { params } = sent;
    const { body } = await world.api.expect(200, 'getCase', { params });
    const decided = (body['entries'] as { kind: string }[]).filter(({ kind }) => kind === 'decided');
    expect(decided).toHaveLength(1);
  });

  it('is refused with another body, before a password is counted', async () => {
    const sent = await decision();
    await world.api.expect(201, 'decideCase', sent);
    const other = { ...sent, body: { ...sent.body, reason: 'another', password: 'mistyped' } };
    expect(code(await world.api.call('decideCase', other))).toBe('422 idempotency-key-reused');
    expect(await failures()).toBe(0);
  });

  it('is answered to nobody else', async () => {
    const sent = await decision();
    await world.api.expect(201, 'decideCase', sent);
    await world.api.custody.owner.query(
      `UPDATE account SET roles = '{quality,responsible-person}' WHERE name = 'quality'`,
    );
    // The same organisation, another person.
    expect(code(await world.api.call('decideCase', { ...sent, role: 'quality' }))).toBe('422 idempotency-key-reused');
    // Another organisation has keys of its own: its password is asked for.
    const wrong = { ...sent, as: 'north', body: { ...sent.body, password: 'mistyped' } } as const;
    expect(code(await world.api.call('decideCase', wrong))).toBe('403 password-wrong');
  });

  it('asks for the password again where the first attempt was refused', async () => {
    const sent = await decision();
    const mistyped = { ...sent, body: { ...sent.body, password: 'mistyped' } };
    expect(code(await world.api.call('decideCase', mistyped))).toBe('403 password-wrong');
    expect(code(await world.api.call('decideCase', mistyped))).toBe('403 password-wrong');
    expect(await failures()).toBe(2);
    expect(code(await world.api.call('decideCase', sent))).toBe('201');
  });
});

describe('the audit log of an organisation', () => {
  it('tells what was signed, wrong passwords, and changed ones, newest first, and no secret', async () => {
    const { clock } = world.api.custody;
    const sent = await decision({ password: 'mistyped' });
    expect(code(await world.api.call('decideCase', sent))).toBe('403 password-wrong');
    clock.advance(1000);
    const { body } = await world.api.expect(201, 'decideCase', await decision());
    clock.advance(1000);
    const change = {
      role: 'responsible-person',
      body: { current: PASSWORD, password: 'a new long sentence' },
    } as const;
    await world.api.expect(201, 'changePassword', change);
    const account = 'responsible-person';
    const entries = await audit();
    expect(entries).toMatchObject([
      { kind: 'password-changed', account, changedBy: account },
      { kind: 'decision-signed', account, case: body['case'], entry: body['entry'], decision: 'reject' },
      { kind: 'password-wrong', account, purpose: 'decision' },
    ]);
    const text = JSON.stringify(entries);
    for (const secret of [PASSWORD, 'mistyped', 'a new long sentence', 'scrypt']) expect(text).not.toContain(secret);
    expect(await audit('maker', { kind: 'password-wrong' })).toHaveLength(1);
  });

  it('goes on from page to page, also within one instant', async () => {
    const wrong = {
      role: 'responsible-person',
      body: { current: 'mistyped', password: 'a new long sentence' },
    } as const;
    for (let attempt = 0; attempt < 3; attempt++) await world.api.call('changePassword', wrong);
    const seen: Entry[] = [];
    let path: string | null = '/v1/audit-log?limit=2';
    while (path !== null) {
      const page: Answered = await world.api.send('GET', path, { role: 'administrator' });
      expect(page.status).toBe(200);
      seen.push(...(page.body['entries'] as Entry[]));
      path = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(seen).toEqual(await audit());
    expect(seen).toHaveLength(3);
  });

  it('is for its auditor and administrator, and of nobody else', async () => {
    await world.api.expect(201, 'decideCase', await decision());
    expect(await audit('north')).toEqual([]);
    for (const role of ['quality', 'responsible-person', 'shipper'] as const) {
      expect(code(await world.api.call('listAuditLog', { role }))).toBe('403 forbidden');
    }
  });

  it('keeps a decision when its case is no longer to be seen, and nothing of it changes', async () => {
    await world.api.expect(201, 'decideCase', await decision());
    const { owner, api } = world.api.custody;
    const { id } = world.api.custody.organisation('maker');
    await owner.query('UPDATE deviation_case SET organisation_id = $1', [world.api.custody.organisation('south').id]);
    expect(await audit()).toMatchObject([{ kind: 'decision-signed' }]);
    for (const statement of [
      'DELETE FROM password_attempt',
      'UPDATE password_attempt SET at = now()',
      'DELETE FROM password_proof',
      'DELETE FROM decision_signature',
      `UPDATE decision_signature SET decision = 'release'`,
    ]) {
      await expect(api.withOrganisation(id, (tx) => tx.query(statement))).rejects.toThrow(/permission denied/);
    }
  });
});
