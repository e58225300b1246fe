import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { OperationId } from '@coldchain/api-contract';
import { type Answered, BOUND_MS } from './api-world.js';
import { CasesWorld, PASSWORD } from './cases-world.js';
import { type Actor, carton } from './custody-world.js';

let world: CasesWorld;

beforeEach(async () => {
  world = await CasesWorld.open();
  await world.api.certifiedBatch('logger');
  await world.api.custody.logger('maker', 'LOG-1');
  await world.api.pack(carton(1), 1, 10, 'LOG-1');
});
afterEach(() => world.close());

interface Hold {
  readonly id: string;
}
interface Entry {
  readonly kind: string;
  readonly account: string | null;
}
const caseOf = async (as: Actor = 'maker') => {
  const found = await world.theCase(as);
  return {
    ...found,
    budgets: found['budgets'],
    legs: found['legs'],
    evidence: found['evidence'],
    entries: found['entries'] as Entry[],
    holds: found['holds'] as Hold[],
  };
};
const kinds = async (as: Actor = 'maker'): Promise<string[]> => (await caseOf(as)).entries.map(({ kind }) => kind);
const act = async (id: Parameters<CasesWorld['api']['call']>[0], body: unknown, as: Actor = 'maker') => {
  const { id: number } = await world.theCase(as);
  world.api.custody.clock.advance(1000);
  return world.api.call(id, { as, params: { case: String(number) }, body });
};
const code = ({ status, body }: { status: number; body: Record<string, unknown> }): string =>
  typeof body['code'] === 'string' ? `${status} ${body['code']}` : String(status);
/** Warm for so long, and back for long enough. */
async function warm(minutes: number): Promise<void> {
  await world.measure('LOG-1', 60, 5);
  await world.measure('LOG-1', minutes, 12);
  await world.measure('LOG-1', 60, 5);
}
const handled = async (as: Actor = 'maker'): Promise<void> => {
  expect(code(await act('acknowledgeCase', { reason: 'seen' }, as))).toBe('201');
  expect(code(await act('nameCaseCause', { cause: 'door-left-open', reason: 'delivery' }, as))).toBe('201');
};
/** North handles its own case of the unit, the maker finds the goods usable, and north releases. */
async function releaseAtNorth(): Promise<Answered> {
  const { id } = await world.caseOf('north', 'north');
  const params = { case: String(id) };
  const call = async (operation: OperationId, as: Actor, body: unknown): Promise<void> => {
    world.api.custody.clock.advance(1000);
    await world.api.expect(201, operation, { as, params, body });
  };
  await call('acknowledgeCase', 'north', { reason: 'seen' });
  await call('nameCaseCause', 'north', { cause: 'door-left-open', reason: 'delivery' });
  await call('assessCase', 'maker', { conclusion: 'usable', reason: 'stability data' });
  const { digest } = await world.caseOf('north', 'north');
  world.api.custody.clock.advance(1000);
  const body = { decision: 'release', reason: 'as assessed', shown: digest, password: PASSWORD };
  return world.api.expect(201, 'decideCase', { as: 'north', role: 'responsible-person', params, body });
}
const verdict = (as: Actor) => world.api.verdict(carton(1), as);

describe('an excursion', () => {
  it('raises one alarm and opens one case, however it grows, and ends it without deciding it', async () => {
    await world.measure('LOG-1', 60, 5);
    for (let part = 0; part < 4; part++) await world.measure('LOG-1', 10, 12);
    expect(await caseOf()).toMatchObject({ sscc: carton(1), activeAlarms: 1, acknowledged: false, decision: null });
    const { body } = await world.api.expect(200, 'listAlarms', {});
    expect(body['alarms']).toMatchObject([
      { kind: 'excursion', side: 'hot', endedAt: null, hottestMilliCelsius: 12_000 },
    ]);
    await world.measure('LOG-1', 60, 5);
    expect(await kinds()).toEqual(['alarm-raised', 'alarm-ended']);
    expect(await caseOf()).toMatchObject({ activeAlarms: 0, acknowledged: false, decision: null });
    // Evaluated again it says nothing new.
    await world.api.custody.owner.query('INSERT INTO leg_change (leg_id) SELECT id FROM leg');
    await world.evaluate();
    expect(await kinds()).toEqual(['alarm-raised', 'alarm-ended']);
  });

  it('takes one number, however often it is looked at', async () => {
    await world.api.custody.logger('maker', 'LOG-2');
    await world.api.pack(carton(2), 11, 20, 'LOG-2');
    await world.measure('LOG-1', 60, 5);
    for (let part = 0; part < 4; part++) await world.measure('LOG-1', 10, 12);
    const { id } = await world.theCase('maker');
    await world.measure('LOG-2', 30, 12);
    const { body } = await world.api.expect(200, 'listCases', {});
    expect((body['cases'] as { id: number }[]).map((one) => one.id)).toEqual([id + 1, id]);
  });

  it('is nobody else’s to see before the goods are', async () => {
    await warm(60);
    for (const as of ['carrier', 'north'] as const) {
      expect((await world.api.expect(200, 'listCases', { as, query: { state: 'all' } })).body['cases']).toEqual([]);
      expect((await world.api.expect(200, 'listAlarms', { as, query: { active: 'false' } })).body['alarms']).toEqual(
        [],
      );
    }
    const { id } = await world.theCase('maker');
    expect(code(await world.api.call('getCase', { as: 'north', params: { case: String(id) } }))).toBe('404 not-found');
    await world.api.deliver('maker', 'north', carton(1));
    expect((await world.theCase('north')).id).toBe(id);
  });
});

describe('a list of cases or alarms', () => {
  it('is linked to its next page with what was asked', async () => {
    await world.api.custody.logger('maker', 'LOG-2');
    await world.api.pack(carton(2), 11, 20, 'LOG-2');
    await world.measure('LOG-1', 30, 12);
    await world.measure('LOG-2', 30, 12);
    for (const [id, asked] of [
      ['listCases', { state: 'all' }],
      ['listAlarms', { active: 'false' }],
    ] as const) {
      const { headers } = await world.api.expect(200, id, { query: { ...asked, limit: '1' } });
      const link = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? '';
      expect(Object.fromEntries(new URL(link, 'http://x').searchParams)).toMatchObject({ ...asked, limit: '1' });
      expect((await world.api.send('GET', link)).status).toBe(200);
    }
  });
});

describe('handling a case', () => {
  it('keeps who did what in one entry each, and files with their digest', async () => {
    await warm(60);
    const file = Buffer.from('door log');
    await act('acknowledgeCase', { reason: 'door was open' });
    await act('commentCase', { text: 'called the warehouse' });
    await act('assignCase', { to: 'quality' });
    await act('addCaseEvidence', { name: 'door.txt', mediaType: 'text/plain', content: file.toString('base64') });
    await act('nameCaseCause', { cause: 'door-left-open', reason: 'delivery of 14:00' });
    const shown = await caseOf();
    expect(shown.entries.slice(2)).toMatchObject(
      ['acknowledged', 'commented', 'assigned', 'evidence-added', 'cause-found'].map((kind, index) => ({
        kind,
        number: index + 3,
        organisation: 'maker',
        account: 'quality',
      })),
    );
    const sha256 = createHash('sha256').update(file).digest('hex');
    expect(shown.evidence).toMatchObject([{ name: 'door.txt', sha256, bytes: file.length }]);
    const given = await world.api.expect(200, 'getCaseEvidence', { params: { case: String(shown.id), sha256 } });
    expect(given.body['text']).toBe('door log');
    expect(given.headers.get('content-disposition')).toContain('attachment');
    // The same file again changes nothing.
    expect(code(await act('addCaseEvidence', { name: 'again.txt', content: file.toString('base64') }))).toBe('200');
    expect((await caseOf()).entries).toHaveLength(7);
    expect(code(await act('assignCase', { to: 'nobody' }))).toBe('404 account-unknown');
  });

  it('cannot be rewritten by anybody', async () => {
    await warm(60);
    const { api, organisation } = { api: world.api.custody.api, organisation: world.api.custody.organisation('maker') };
    for (const statement of [`UPDATE case_entry SET account = 'other'`, 'DELETE FROM case_entry']) {
      await expect(api.withOrganisation(organisation.id, (tx) => tx.query(statement))).rejects.toThrow(
        /permission denied/,
      );
    }
  });
});

describe('a decision', () => {
  it('needs notice, a cause, an end, the password, and what was shown', async () => {
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 60, 12);
    expect(code(await world.decide('maker', 'release'))).toBe('409 case-not-acknowledged');
    await act('acknowledgeCase', { reason: 'seen' });
    expect(code(await world.decide('maker', 'release'))).toBe('409 case-cause-missing');
    await act('nameCaseCause', { cause: 'door-left-open', reason: 'delivery' });
    expect(code(await world.decide('maker', 'release'))).toBe('409 case-active');
    const before = await caseOf();
    await world.measure('LOG-1', 60, 5);
    expect(code(await world.decide('maker', 'release', { shown: before.digest }))).toBe('409 case-changed');
    expect(code(await world.decide('maker', 'release', { password: 'wrong' }))).toBe('403 password-wrong');
    const { id, digest } = await caseOf();
    expect(code(await act('decideCase', { decision: 'release', reason: 'x', shown: digest, password: PASSWORD }))).toBe(
      '403 forbidden',
    );
    expect(code(await world.decide('maker', 'release'))).toBe('201');
    expect(await caseOf()).toMatchObject({ id, decision: 'release', acknowledged: true });
    expect((await caseOf()).entries.at(-1)).toMatchObject({ kind: 'decided', change: { shown: digest } });
    expect(code(await act('acknowledgeCase', { reason: 'again' }))).toBe('409 case-decided');
  });

  it('is not shown another digest by readings that break no rule', async () => {
    await warm(60);
    const { digest } = await caseOf();
    await world.measure('LOG-1', 60, 5);
    expect((await caseOf()).digest).toBe(digest);
  });

  it('to reject is possible while the excursion goes on: time alone changes nothing of what is signed', async () => {
    const { clock } = world.api.custody;
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 60, 12);
    // It holds for five minutes from now on.
    await world.arriveLate('LOG-1', clock.now(), 5, 12);
    expect(code(await act('acknowledgeCase', { reason: 'seen' }))).toBe('201');
    const { digest, budgets, legs } = await caseOf();
    clock.advance(60_000);
    const later = await caseOf();
    expect(later.digest).toBe(digest);
    expect(later['legs']).toEqual(legs);
    // What is shown goes on.
    expect(later['budgets']).not.toEqual(budgets);
    // A release is told what it waits for, whatever was shown.
    expect(code(await act('nameCaseCause', { cause: 'door-left-open', reason: 'delivery' }))).toBe('201');
    expect(code(await world.decide('maker', 'release', { shown: digest }))).toBe('409 case-active');
    const { body } = await world.decide('maker', 'reject', { shown: digest });
    expect(body).toMatchObject({ code: 'case-changed', detail: expect.not.stringMatching(/[0-9a-f]{64}/) });
    const seen = await caseOf();
    clock.advance(120_000);
    expect(code(await world.decide('maker', 'reject', { shown: seen.digest }))).toBe('201');
  });

  it('is told how old its facts are: a release waits for late readings, a rejection says what it rested on', async () => {
    const { clock, owner } = world.api.custody;
    await warm(60);
    await handled();
    await world.api.confirmEvaluation();
    const evaluatedTo = new Date(clock.now()).toISOString();
    const fresh = await caseOf();
    expect(fresh).toMatchObject({ evaluatedTo, stale: false });
    clock.advance(BOUND_MS + 1);
    // The age is no part of what is signed: it changes by itself.
    expect(await caseOf()).toMatchObject({ evaluatedTo, stale: true, digest: fresh.digest });
    expect(code(await world.decide('maker', 'release'))).toBe('409 evaluation-not-confirmed');
    expect(code(await world.decide('maker', 'reject'))).toBe('201');
    expect((await caseOf()).entries.at(-1)).toMatchObject({ kind: 'decided', change: { evaluatedTo } });
    await owner.query(`DELETE FROM follow_checkpoint WHERE name = 'evaluator'`);
    expect(await caseOf()).toMatchObject({ evaluatedTo: null, stale: true });
  });

  it('rests on the owner’s assessment and on nobody else’s', async () => {
    await world.api.deliver('maker', 'north', carton(1));
    await warm(11 * 60);
    const params = { case: String((await world.caseOf('north', 'north')).id) };
    world.api.custody.clock.advance(1000);
    const body = { conclusion: 'usable', reason: 'it looks well' };
    expect(code(await world.api.call('assessCase', { as: 'north', params, body }))).toBe('403 batch-not-owned');
    await world.api.expect(201, 'assessCase', { params, body });
  });

  it('releases the hold on the ledger once the owner of the batch found the goods usable', async () => {
    await world.api.deliver('maker', 'north', carton(1));
    await warm(11 * 60);
    const held = await caseOf('north');
    expect(held.holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded' }]);
    expect(await verdict('north')).toBe('do-not-use on-hold');
    await handled('north');
    expect(code(await world.decide('north', 'release'))).toBe('409 hold-not-assessed');
    // The owner sees the case because there is a hold for him to assess; it is not his to handle.
    expect((await world.theCase('maker')).id).toBe(held.id);
    expect(code(await act('acknowledgeCase', { reason: 'x' }, 'maker'))).toBe('403 not-custodian');
    expect(code(await world.decide('maker', 'release'))).toBe('403 not-custodian');
    const assessed = await act('assessCase', { conclusion: 'usable', reason: 'stability data' }, 'maker');
    expect(assessed).toMatchObject({ status: 201, body: { holds: held.holds.map(({ id }) => id) } });
    expect((await world.decide('north', 'release')).body).toMatchObject({ holds: held.holds.map(({ id }) => id) });
    await world.api.anchorAll();
    expect((await caseOf('north')).holds).toEqual([]);
    const commands = await world.api.custody.owner.query<{ command: string; signing_party: string }>(
      `SELECT command, signing_party FROM outbox WHERE command IN ('assessHold', 'releaseHold') ORDER BY id`,
    );
    expect(commands).toEqual([
      { command: 'assessHold', signing_party: 'ManufacturerMSP:maker' },
      { command: 'releaseHold', signing_party: 'PharmacyMSP:north' },
    ]);
  });

  it('to release waits until all readings are evaluated', async () => {
    await warm(60);
    await handled();
    world.api.custody.clock.advance(60_001);
    expect(code(await world.decide('maker', 'release'))).toBe('409 evaluation-not-confirmed');
    await world.api.confirmEvaluation();
    expect(code(await world.decide('maker', 'release'))).toBe('201');
  });

  it('to reject holds what was not held, and nothing of it is used', async () => {
    await warm(60);
    await act('acknowledgeCase', { reason: 'seen' });
    expect(await verdict('maker')).toBe('ok no-objection');
    const rejected = await world.decide('maker', 'reject');
    expect(rejected.body['holds']).toHaveLength(1);
    await world.api.anchorAll();
    expect(await verdict('maker')).toBe('do-not-use on-hold');
    expect(await caseOf()).toMatchObject({ decision: 'reject', held: true });
  });

  it('is overtaken by a late reading and by a new excursion: the case is open again and unseen', async () => {
    const { clock } = world.api.custody;
    await world.measure('LOG-1', 60, 5);
    await world.measure('LOG-1', 30, 12);
    const gap = clock.now();
    clock.advance(20 * 60_000);
    await world.measure('LOG-1', 60, 5);
    await handled();
    await world.decide('maker', 'release');
    await world.arriveLate('LOG-1', gap, 20, 13);
    expect(await caseOf()).toMatchObject({
      decision: null,
      acknowledged: false,
      reopened: 1,
      hottestMilliCelsius: 13_000,
    });
    expect((await kinds()).at(-1)).toBe('alarm-changed');
    await handled();
    await world.decide('maker', 'release');
    await world.measure('LOG-1', 30, 12);
    expect(await caseOf()).toMatchObject({ decision: null, acknowledged: false, reopened: 2, activeAlarms: 1 });
  });

  it('of one case waits for what another custodian has not decided, and says so', async () => {
    await warm(60);
    await world.api.deliver('maker', 'north', carton(1));
    await warm(11 * 60);
    const first = await world.caseOf('north', 'maker');
    const answered = await releaseAtNorth();
    expect(answered.body).toMatchObject({ holds: [] });
    expect(answered.body['untold']).toContain(`case ${first.id} of maker is not decided`);
    expect((await world.caseOf('north', 'north'))['holds']).toHaveLength(1);
  });

  it('does not wait for a case whose alarms were all withdrawn', async () => {
    const { clock } = world.api.custody;
    await world.measure('LOG-1', 60, 5);
    const from = clock.now();
    clock.advance(2 * 3_600_000);
    await world.look();
    await world.arriveLate('LOG-1', from, 120, 5);
    await world.api.deliver('maker', 'north', carton(1));
    await warm(11 * 60);
    const { otherCases } = await world.caseOf('north', 'north');
    expect(otherCases).toMatchObject([{ organisation: 'maker', decision: null, standingAlarms: 0 }]);
    const { body } = await releaseAtNorth();
    expect(body).toMatchObject({ untold: null });
    expect(body['holds']).toHaveLength(1);
    await world.api.anchorAll();
    expect((await world.caseOf('north', 'north'))['holds']).toEqual([]);
  });

  it('is possible although another organisation has filled the case with comments', async () => {
    await warm(60);
    await world.api.deliver('maker', 'north', carton(1));
    const { id } = await world.theCase('north');
    await world.api.custody.owner.query(
      `WITH newest AS (SELECT e.* FROM case_entry e JOIN deviation_case c ON c.id = e.case_id AND c.entries = e.number
                       WHERE e.case_id = $1),
            filled AS (INSERT INTO case_entry (case_id, number, at, organisation_id, account, kind, change, before, after)
                       SELECT case_id, number + i, at, organisation_id, 'quality', 'commented',
                              '{"kind": "commented", "text": "x"}', after, after FROM newest, generate_series(1, 2000) i)
       UPDATE deviation_case SET entries = entries + 2000 WHERE id = $1`,
      [id],
    );
    expect(code(await act('commentCase', { text: 'one more' }, 'maker'))).toBe('409 case-full');
    expect(code(await act('assignCase', { to: 'quality' }, 'maker'))).toBe('409 case-full');
    expect(code(await act('commentCase', { text: 'ours' }, 'north'))).toBe('201');
    await handled('north');
    expect(code(await world.decide('north', 'release'))).toBe('201');
  });

  it('waits longer after each further wrong password, also of many at once', async () => {
    await warm(60);
    const { id, digest } = await caseOf();
    const attempt = (password: string) =>
      world.api.call('decideCase', {
        role: 'responsible-person',
        params: { case: String(id) },
        body: { decision: 'reject', reason: 'x', shown: digest, password },
      });
    const wrong = await Promise.all(Array.from({ length: 8 }, (_, index) => attempt(`guess ${index}`)));
    expect(wrong.map(code).sort()).toEqual([
      ...Array<string>(5).fill('403 password-wrong'),
      ...Array<string>(3).fill('429 password-locked'),
    ]);
    expect(code(await attempt(PASSWORD))).toBe('429 password-locked');
    world.api.custody.clock.advance(31_000);
    expect(code(await attempt(PASSWORD))).toBe('409 case-not-acknowledged');
    const { body } = await world.api.call('changePassword', {
      role: 'responsible-person',
      body: { current: PASSWORD, password: 'a new long sentence' },
    });
    expect(body).toEqual({ changed: true });
    expect(code(await attempt(PASSWORD))).toBe('403 password-wrong');
    expect(code(await attempt('a new long sentence'))).toBe('409 case-not-acknowledged');
  });

  it('has a password whose change may be repeated after a lost answer, and is kept with who and when', async () => {
    const { owner, clock } = world.api.custody;
    const changed = 'a new long sentence';
    const change = async (current: string, password: string): Promise<string> => {
      const sent = { role: 'responsible-person', headers: { 'idempotency-key': 'lost' }, body: { current, password } };
      return code(await world.api.call('changePassword', sent as Parameters<typeof world.api.call>[1]));
    };
    const at = new Date(clock.now());
    expect(await change(PASSWORD, changed)).toBe('201');
    // More often than wrong attempts are free: a repetition counts as none.
    for (let repeat = 0; repeat < 7; repeat++) expect(await change(PASSWORD, changed)).toBe('201');
    // The same key with another password changes nothing, and does not say that it did.
    expect(await change(PASSWORD, 'yet another sentence')).toBe('403 password-wrong');
    const [kept] = await owner.query<{ failures: number; keys: number }>(
      `SELECT p.failures, (SELECT count(*)::integer FROM idempotency_key WHERE key = 'lost') AS keys FROM account_password p
       JOIN account a ON a.id = p.account_id JOIN organisation o ON o.id = a.organisation_id
       WHERE o.slug = 'maker' AND a.name = 'responsible-person'`,
    );
    expect(kept).toEqual({ failures: 1, keys: 0 });
    const trail = await owner.query(
      `SELECT a.name, c.changed_by, c.at FROM account_password_change c JOIN account a ON a.id = c.account_id`,
    );
    expect(trail).toEqual([{ name: 'responsible-person', changed_by: 'responsible-person', at }]);
    expect(await change(changed, 'yet another sentence')).toBe('201');
    // Later it is no repetition any more, but a guess.
    clock.advance(25 * 3_600_000);
    expect(await change('wrong', 'yet another sentence')).toBe('403 password-wrong');
    for (const statement of ['DELETE FROM account_password_change', 'UPDATE account_password_change SET at = now()']) {
      await expect(
        world.api.custody.api.withOrganisation(world.api.custody.organisation('maker').id, (tx) => tx.query(statement)),
      ).rejects.toThrow(/permission denied/);
    }
  });

  it('leaves nothing of a password with the keys of repeated requests', async () => {
    await warm(60);
    const { id, digest } = await caseOf();
    await act('acknowledgeCase', { reason: 'seen' });
    const again = await caseOf();
    const sent = {
      role: 'responsible-person',
      params: { case: String(id) },
      headers: { 'idempotency-key': 'one' },
      body: { decision: 'reject', reason: 'x', shown: again.digest, password: PASSWORD },
    } as const;
    expect(digest).not.toBe(again.digest);
    expect(code(await world.api.call('decideCase', sent))).toBe('201');
    expect(code(await world.api.call('decideCase', sent))).toBe('201');
    const [kept] = await world.api.custody.owner.query<{ request_sha256: Buffer }>(
      `SELECT request_sha256 FROM idempotency_key WHERE key = 'one'`,
    );
    const { params, body } = { params: { case: id }, body: sent.body };
    const guessable = createHash('sha256')
      .update(JSON.stringify(['decideCase', { params, query: undefined, body }]))
      .digest();
    expect(kept?.request_sha256.equals(guessable)).toBe(false);
  });
});

describe('missing data', () => {
  it('is told after its own delay, once, and ends with the next reading', async () => {
    const { clock } = world.api.custody;
    await world.measure('LOG-1', 60, 5);
    clock.advance(30 * 60_000);
    await world.look();
    expect((await world.api.expect(200, 'listAlarms', {})).body['alarms']).toEqual([]);
    clock.advance(10 * 60_000);
    await world.look();
    await world.look();
    expect((await world.api.expect(200, 'listAlarms', {})).body['alarms']).toMatchObject([{ kind: 'missing-data' }]);
    expect(await kinds()).toEqual(['alarm-raised']);
    await world.measure('LOG-1', 10, 5);
    expect(await kinds()).toEqual(['alarm-raised', 'alarm-ended']);
    expect((await world.api.expect(200, 'listAlarms', {})).body['alarms']).toEqual([]);
  });

  it('is told of a leg behind a thousand others that have no logger', async () => {
    const { clock, owner } = world.api.custody;
    await owner.query(
      `WITH made AS (
         INSERT INTO unit (organisation_id, sscc, secret, unit_key)
         SELECT u.organisation_id, lpad(n::text, 18, '0'), u.secret, lpad(n::text, 64, '0')
         FROM unit u, generate_series(1, 1001) n RETURNING id, organisation_id, unit_key)
       INSERT INTO leg (leg_key, organisation_id, unit_id, started_at)
       SELECT unit_key, organisation_id, id, $1 FROM made`,
      [new Date(clock.now())],
    );
    await world.api.custody.logger('maker', 'LOG-2');
    await world.api.pack(carton(2), 11, 12, 'LOG-2');
    await world.measure('LOG-2', 60, 5);
    clock.advance(40 * 60_000);
    await world.look();
    const told = await owner.query(
      `SELECT u.sscc FROM alarm a JOIN leg l ON l.id = a.leg_id JOIN unit u ON u.id = l.unit_id WHERE u.sscc = $1`,
      [carton(2)],
    );
    expect(told).toHaveLength(1);
  });

  it('that only came late was never missing: the alarm is withdrawn, and there is nothing to decide', async () => {
    const { clock } = world.api.custody;
    await world.measure('LOG-1', 60, 5);
    const from = clock.now();
    clock.advance(2 * 3_600_000);
    await world.look();
    expect(await caseOf()).toMatchObject({ activeAlarms: 1, standingAlarms: 1 });
    await world.arriveLate('LOG-1', from, 120, 5);
    expect(await kinds()).toEqual(['alarm-raised', 'alarm-withdrawn']);
    expect(await caseOf()).toMatchObject({ activeAlarms: 0, standingAlarms: 0, decision: null });
    expect((await world.api.expect(200, 'listCases', {})).body['cases']).toEqual([]);
  });

  it('of a lost sensor is decided with evidence although it never ends', async () => {
    await world.measure('LOG-1', 60, 5);
    world.api.custody.clock.advance(5 * 3_600_000);
    await world.look();
    await act('acknowledgeCase', { reason: 'the logger fell off' });
    await act('nameCaseCause', { cause: 'sensor-lost', reason: 'not in the carton' });
    await world.api.confirmEvaluation();
    expect(code(await world.decide('maker', 'release'))).toBe('409 case-evidence-missing');
    await act('addCaseEvidence', { name: 'photo.txt', content: Buffer.from('empty holder').toString('base64') });
    expect(code(await world.decide('maker', 'release'))).toBe('201');
  });

  it('follows the setting of the organisation', async () => {
    const setting = { minimumMs: 0, rejoinMs: 0, missingMs: 3 * 3_600_000 };
    await world.api.expect(201, 'setAlarms', { body: setting });
    expect((await world.api.expect(200, 'getAlarmSetting', {})).body).toMatchObject({
      ...setting,
      changedBy: 'quality',
    });
    expect(code(await world.api.call('setAlarms', { body: { ...setting, missingMs: 0 } }))).toBe('201');
    expect(code(await world.api.call('setAlarms', { body: setting }))).toBe('201');
    // Each change stays with who made it.
    const kept = await world.api.custody.owner.query('SELECT changed_by FROM alarm_setting ORDER BY id');
    expect(kept).toEqual(Array(3).fill({ changed_by: 'quality' }));
    await world.measure('LOG-1', 60, 5);
    world.api.custody.clock.advance(2 * 3_600_000);
    await world.look();
    expect((await world.api.expect(200, 'listAlarms', {})).body['alarms']).toEqual([]);
  });
});

describe('a warning before a limit', () => {
  it('says how long the product still has, opens no case, and ends when the air comes back', async () => {
    const warnings = async (): Promise<{ expectedAt: string; case: number | null; side: string }[]> => {
      const { body } = await world.api.expect(200, 'listAlarms', {});
      const alarms = body['alarms'] as { kind: string; expectedAt: string; case: number | null; side: string }[];
      return alarms.filter(({ kind }) => kind === 'warning');
    };
    await world.measure('LOG-1', 120, 5);
    await world.look();
    expect(await warnings()).toEqual([]);
    for (const celsius of [7, 10, 13]) await world.measure('LOG-1', 5, celsius);
    await world.look();
    const [warning] = await warnings();
    expect(warning).toMatchObject({ side: 'hot', case: null });
    expect(Date.parse(warning?.expectedAt ?? '')).toBeGreaterThan(world.api.custody.clock.now() - 5 * 60_000);
    await world.measure('LOG-1', 60, 4);
    await world.look();
    expect(await warnings()).toEqual([]);
  });
});
