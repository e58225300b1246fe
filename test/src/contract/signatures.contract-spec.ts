import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OrganisationTransaction } from '@coldchain/database';
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

/** Rows and index entries of the audit log that the connection has read so far, as far as they are not yet told. */
async function rowsRead(transaction: OrganisationTransaction): Promise<number> {
  const [row] = await transaction.query<{ rows: number }>(
    `SELECT sum(pg_stat_get_xact_tuples_returned(c.oid))::integer AS rows FROM pg_class c
     WHERE c.oid IN (SELECT unnest(ARRAY[t, i.indexrelid]) FROM unnest(ARRAY['password_attempt'::regclass,
       'password_proof', 'decision_signature', 'account_password_change']) AS t LEFT JOIN pg_index i ON i.indrelid = t)`,
  );
  return row?.rows ?? 0;
}

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

  it('keeps each attempt that came while the password was locked, also the right one', async () => {
    const wrong = await decision({ password: 'mistyped' });
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(code(await world.api.call('decideCase', wrong))).toBe('403 password-wrong');
    }
    expect(code(await world.api.call('decideCase', wrong))).toBe('429 password-locked');
    world.api.custody.clock.advance(1000);
    expect(code(await world.api.call('decideCase', await decision()))).toBe('429 password-locked');
    const refused = await audit('maker', { kind: 'password-refused' });
    expect(refused.map(({ purpose, account }) => [purpose, account])).toEqual(
      Array.from({ length: 2 }, () => ['decision', 'responsible-person']),
    );
    expect((await audit()).map(({ kind }) => kind)).toEqual([
      ...Array<string>(1).fill('password-refused'),
      ...Array<string>(5).fill('password-wrong'),
      'password-refused',
    ]);
    expect(await failures()).toBe(5);
  });

  it('costs the same for a page, the first as well as one in the middle, when it has 100,000 attempts more', async () => {
    const { database, custody } = world.api;
    // The attempts of a whole log: proved ones, which are not listed, are by far the most.
    await custody.owner.query(
      `INSERT INTO password_attempt (account_id, organisation_id, purpose, at, proved, refused)
       SELECT a.id, a.organisation_id, 'decision', $1::timestamptz - n * interval '1 s', n % 20 > 1, n % 20 = 1
       FROM account a, generate_series(1, 100000) AS n WHERE a.name = 'responsible-person' AND a.organisation_id = $2`,
      [new Date(custody.clock.now()), custody.organisation('maker').id],
    );
    await custody.owner.query('ANALYZE password_attempt');
    const read: number[] = [];
    const withOrganisation = database.withOrganisation.bind(database);
    database.withOrganisation = (id, work) =>
      withOrganisation(id, async (transaction) => {
        const before = await rowsRead(transaction);
        const result = await work(transaction);
        read.push((await rowsRead(transaction)) - before);
        return result;
      });
    const middle = custody.clock.now() - 50_000_000;
    for (const after of [null, Buffer.from(`${middle}.password-refused.1`).toString('base64url')]) {
      for (const kind of [null, 'password-wrong', 'password-refused'] as const) {
        const query = { limit: '50', ...(kind === null ? {} : { kind }), ...(after === null ? {} : { after }) };
        expect(await audit('maker', query)).toHaveLength(50);
      }
    }
    expect(read).toHaveLength(6);
    // Of each kind that has any at most what the page shows, and one more.
    expect(Math.max(...read)).toBeLessThanOrEqual(2 * 51);
    expect(Math.min(...read)).toBeGreaterThanOrEqual(50);
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
