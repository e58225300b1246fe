import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATION_IDS, OPERATIONS, POLICY, Problem, ROLES } from '@coldchain/api-contract';
import { ApiWorld, keyOf } from './api-world.js';
import { carton, EXPIRY, GTIN, LOT, PROFILE, serials } from './custody-world.js';

let world: ApiWorld;

beforeAll(async () => {
  world = await ApiWorld.open();
  await world.certifiedBatch();
  await world.expect(201, 'aggregateUnit', {
    role: 'shipper',
    body: { sscc: carton(1), packs: [{ gtin: GTIN, lot: LOT, serials: serials(1, 5) }] },
  });
  await world.anchorAll();
});
afterAll(() => world.close());

/** The path of an operation with parameters that are well formed. */
const pathOf = (id: keyof typeof OPERATIONS): string =>
  OPERATIONS[id].path
    .replace('{gtin}', GTIN)
    .replace('{lot}', 'NONE')
    .replace('{sscc}', carton(99))
    .replace('{logger}', 'L9')
    .replace('{id}', `${GTIN}.NONE`);
const GUARDED = OPERATION_IDS.filter((id) => OPERATIONS[id].action !== null);

describe('who may ask', () => {
  it.each(GUARDED)('%s needs a key, and tells nothing without one', async (id) => {
    const { method } = OPERATIONS[id];
    const none = await world.send(method, pathOf(id), { as: null });
    expect(none).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    const wrong = await world.send(method, pathOf(id), {
      as: null,
      headers: { authorization: 'Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
    });
    expect({ ...wrong.body, instance: '' }).toEqual({ ...none.body, instance: '' });
  });

  it.each(GUARDED)('%s is forbidden to every role that the policy does not name', async (id) => {
    const { method, action } = OPERATIONS[id];
    if (action === null) throw new Error('guarded');
    const allowed: readonly string[] = POLICY[action].roles;
    for (const role of ROLES) {
      const { status } = await world.send(method, pathOf(id), { role, ...(method === 'POST' ? { body: {} } : {}) });
      expect([role, status === 403]).toEqual([role, !allowed.includes(role)]);
    }
  });

  it('ends with the account', async () => {
    const { owner } = world.custody;
    const disable = (at: Date | null) =>
      owner.query(`UPDATE account SET disabled_at = $1 WHERE name = 'auditor' AND organisation_id = $2`, [
        at,
        world.custody.organisation('maker').id,
      ]);
    expect((await world.call('getMe', { role: 'auditor' })).status).toBe(200);
    await disable(new Date());
    expect((await world.call('getMe', { role: 'auditor' })).status).toBe(401);
    await disable(null);
  });

  it('answers who asks', async () => {
    const { body } = await world.expect(200, 'getMe', { as: 'north', role: 'dispenser' });
    expect(body).toMatchObject({ account: 'dispenser', kind: 'machine', organisation: { slug: 'north' } });
    expect(body['actions']).toContain('decommission-pack');
    expect(body['actions']).not.toContain('ship-units');
  });
});

describe('what belongs to others', () => {
  it('does not exist: batch, unit and pack of another organisation are 404', async () => {
    const as = 'carrier';
    expect((await world.expect(404, 'getUnit', { as, params: { sscc: carton(1) } })).body['code']).toBe('not-found');
    const batch = { gtin: GTIN, lot: LOT };
    expect((await world.expect(404, 'certifyBatch', { as, params: batch, body: {} })).body['code']).toBe(
      'batch-unknown',
    );
    const shipment = { ssccs: [carton(1)], receiver: 'north' };
    const shipped = await world.expect(404, 'shipUnits', { as, role: 'shipper', body: shipment });
    expect(shipped.body['code']).toBe('unit-unknown');
    const used = await world.expect(404, 'decommissionPack', {
      as,
      role: 'dispenser',
      params: { id: `${GTIN}.S1` },
      body: { status: 'dispensed' },
    });
    expect(used.body['code']).toBe('pack-unknown');
  });

  it('is told in the same words as what nobody has', async () => {
    const real = await world.call('getUnit', { as: 'carrier', params: { sscc: carton(1) } });
    const none = await world.call('getUnit', { as: 'carrier', params: { sscc: carton(98) } });
    expect({ ...real.body, instance: '' }).toEqual({ ...none.body, instance: '' });
  });

  it('is in no list', async () => {
    expect((await world.expect(200, 'listBatches', { as: 'carrier' })).body['batches']).toEqual([]);
    expect((await world.expect(200, 'listUnits', { as: 'carrier' })).body['units']).toEqual([]);
    const own = await world.expect(200, 'listUnits', {});
    expect(own.body['units']).toMatchObject([{ sscc: carton(1), custodian: 'maker', anchored: true, holds: [] }]);
  });

  it('cannot be shipped by someone who sees it but is not its custodian', async () => {
    world.custody.clock.advance(1000);
    await world.expect(201, 'shipUnits', { role: 'shipper', body: { ssccs: [carton(1)], receiver: 'carrier' } });
    const refused = await world.expect(403, 'shipUnits', {
      as: 'carrier',
      role: 'shipper',
      body: { ssccs: [carton(1)], receiver: 'south' },
    });
    expect(refused.body['code']).toBe('not-custodian');
    const foreign = await world.expect(404, 'receiveUnits', {
      as: 'north',
      role: 'shipper',
      body: { ssccs: [carton(1)] },
    });
    expect(foreign.body['code']).toBe('unit-unknown');
  });
});

describe('what a request must look like', () => {
  it.each([
    ['body-not-json', 400, '{"a":'],
    ['body-not-json', 400, '"text"'],
    ['body-invalid', 422, '{"unknown":1}'],
    ['body-invalid', 422, '[]'],
    ['body-too-large', 413, JSON.stringify({ lot: 'x'.repeat(1_100_000) })],
  ])('%s is %d', async (code, status, body) => {
    const answered = await world.call('registerBatch', { role: 'shipper', body });
    expect([answered.status, answered.body['code']]).toEqual([status, code]);
    expect(answered.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('a body of another type is 415', async () => {
    const answered = await world.send('POST', '/v1/batches', {
      role: 'shipper',
      body: 'a=1',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(answered).toMatchObject({ status: 415, body: { code: 'content-type-unsupported' } });
  });

  it('a wrong check digit is named as such, in body, path and code', async () => {
    const wrong = '09520001100010';
    const body = { gtin: wrong, lot: 'X', expiry: EXPIRY, profileVersion: 1, serials: [] };
    expect((await world.expect(422, 'registerBatch', { role: 'shipper', body })).body['code']).toBe(
      'check-digit-wrong',
    );
    const params = { gtin: wrong, lot: 'X' };
    expect((await world.expect(422, 'certifyBatch', { params, body: {} })).body['code']).toBe('check-digit-wrong');
    const query = { code: `(01)${wrong}(21)S1` };
    expect((await world.expect(422, 'getVerdict', { query })).body['code']).toBe('check-digit-wrong');
  });

  it('a code that names no object is told apart from one that nobody knows', async () => {
    expect((await world.expect(422, 'getVerdict', { query: { code: `(01)${GTIN}` } })).body['code']).toBe(
      'code-names-no-object',
    );
  });

  it('unknown parameters are 400 everywhere', async () => {
    for (const id of OPERATION_IDS.filter((one) => OPERATIONS[one].method === 'GET')) {
      const { status, body } = await world.send('GET', pathOf(id), { role: 'administrator', query: { nonsense: '1' } });
      expect([id, status, body['code']]).toEqual([id, 400, 'query-invalid']);
    }
  });

  it('a path that does not exist is a problem, too', async () => {
    const { status, body } = await world.send('GET', '/v2/nothing', {});
    expect(status).toBe(404);
    expect(Problem.parse(body).code).toBe('not-found');
  });

  it.each(['%', '%zz', '%00', '../../etc/passwd', `${GTIN}.${'x'.repeat(300)}`, '🧊'])(
    'a strange path segment (%s) is refused, never a defect',
    async (segment) => {
      const status = await statusOf(`/v1/packs/${segment}/decommission`);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    },
  );

  it('every answer carries the headers that protect it', async () => {
    for (const path of ['/', '/docs', '/v1/me', '/assets/main.js', '/nothing']) {
      const { headers } = await world.send('GET', path, {});
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('the pages hold no script, style or handler of their own', async () => {
    for (const path of ['/', '/docs']) {
      const { text } = (await world.send('GET', path, { as: null })).body as { text: string };
      expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|style=/);
    }
  });
});

/** As `fetch` would not send it: the path is written as it is. */
function statusOf(path: string): Promise<number> {
  const { hostname, port } = new URL(world.api.url);
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${keyOf('maker', 'quality')}`, 'content-type': 'application/json' };
    rawRequest(
      { hostname, port, method: 'POST', path: encodeURI(path).replaceAll('%25', '%'), headers },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    )
      .on('error', reject)
      .end('{"status":"dispensed"}');
  });
}

describe('Idempotency-Key', () => {
  const lotBody = (lot: string) => ({ gtin: GTIN, lot, expiry: EXPIRY, profileVersion: 1, serials: ['A1'] });
  const register = (key: string, lot: string, as: 'maker' = 'maker') =>
    world.call('registerBatch', { as, role: 'shipper', body: lotBody(lot), headers: { 'idempotency-key': key } });

  it('gives the first answer again and does nothing twice', async () => {
    const first = await register('key-1', 'LOT-1');
    const again = await register('key-1', 'LOT-1');
    expect(first.status).toBe(201);
    expect([again.status, again.body]).toEqual([first.status, first.body]);
    const [row] = await world.custody.owner.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id
       JOIN batch b ON b.batch_key = o.object_key WHERE b.lot = 'LOT-1'`,
    );
    expect(row?.n).toBe(2);
  });

  it('refuses the same key for another request', async () => {
    expect(await register('key-1', 'LOT-2')).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('remembers nothing of a refused request', async () => {
    expect(await register('key-2', 'LOT-1')).toMatchObject({ status: 409, body: { code: 'lot-exists' } });
    expect((await register('key-2', 'LOT-3')).status).toBe(201);
  });

  it('lets exactly one of many at once have the effect', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => register('key-4', 'LOT-4')));
    const statuses = answers.map((answer) => answer.status);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    expect(statuses).toContain(201);
    const [first, ...others] = answers.filter(({ status }) => status === 201);
    for (const other of others) expect(other.body).toEqual(first?.body);
    for (const { status, body } of answers) if (status === 409) expect(body['code']).toBe('idempotency-key-in-flight');
  });

  it('belongs to one organisation', async () => {
    const body = { name: 'dock-1' };
    const headers = { 'idempotency-key': 'shared' };
    const role = 'device-manager';
    const mine = await world.expect(201, 'createGateway', { role, body, headers });
    const other = await world.expect(201, 'createGateway', { as: 'carrier', role, body, headers });
    expect(mine.body['user']).toBe('maker/dock-1');
    expect(other.body['user']).toBe('carrier/dock-1');
  });

  it('does not keep a password to tell it again', async () => {
    const sent = { role: 'device-manager', body: { name: 'dock-2' }, headers: { 'idempotency-key': 'gw' } } as const;
    const first = await world.expect(201, 'createGateway', sent);
    const again = await world.expect(201, 'createGateway', sent);
    expect(String(first.body['password'])).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(again.body).toEqual({ ...first.body, password: null });
    const kept = await world.custody.owner.query<{ text: string }>('SELECT body::text AS text FROM idempotency_key');
    expect(kept.some(({ text }) => text.includes(String(first.body['password'])))).toBe(false);
  });

  it('must be visible ASCII', async () => {
    expect(await register('a b', 'LOT-9')).toMatchObject({ status: 400, body: { code: 'header-invalid' } });
  });
});

describe('Prefer: wait', () => {
  const lot = (name: string) => ({ gtin: GTIN, lot: name, expiry: EXPIRY, profileVersion: 1, serials: [] });
  const register = (name: string) =>
    world.call('registerBatch', { role: 'shipper', body: lot(name), headers: { prefer: 'wait=10' } });

  /** The clock of this world stands still, so that only the ledger ends the wait. */
  const recorded = () => world.custody.owner.query('SELECT 1 FROM custody_event');
  const meanwhile = async (settle: () => Promise<unknown>) => {
    const before = await recorded();
    while ((await recorded()).length === before.length) await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 150));
    await settle();
  };

  it('answers 201 with the anchor when the ledger has decided', async () => {
    const [answered] = await Promise.all([register('W-1'), meanwhile(() => world.anchorAll())]);
    expect(answered).toMatchObject({
      status: 201,
      body: { anchor: 'anchored', events: [{ anchor: 'anchored', block: 1 }] },
    });
    expect(answered.headers.get('preference-applied')).toBe('wait=10');
  });

  it('answers 202 when it has not by then', async () => {
    const [answered] = await Promise.all([register('W-2'), meanwhile(async () => world.custody.clock.advance(10_000))]);
    expect(answered).toMatchObject({ status: 202, body: { anchor: 'pending' } });
  });

  it('answers with the refusal of the ledger', async () => {
    const [answered] = await Promise.all([
      register('W-3'),
      meanwhile(() =>
        world.custody.owner.query(
          `UPDATE custody_event SET anchor_state = 'refused', refusal = '{"code":"party-suspended","details":{}}'
           WHERE anchor_state = 'pending'`,
        ),
      ),
    ]);
    expect(answered).toMatchObject({ status: 403, body: { code: 'party-suspended' } });
  });
});

describe('lists', () => {
  it('go on where the Link of the page before says', async () => {
    const seen: string[] = [];
    let path: string | null = '/v1/batches?limit=2';
    for (let page = 0; path !== null && page < 20; page++) {
      const answered: Awaited<ReturnType<ApiWorld['send']>> = await world.send('GET', path, {});
      const batches = answered.body['batches'] as { lot: string }[];
      expect(batches.length).toBeLessThanOrEqual(2);
      seen.push(...batches.map(({ lot }) => lot));
      path = /^<([^>]+)>; rel="next"$/.exec(answered.headers.get('link') ?? '')?.[1] ?? null;
    }
    expect(seen).toContain(LOT);
    expect(new Set(seen).size).toBe(seen.length);
    const [row] = await world.custody.owner.query<{ n: number }>('SELECT count(*)::integer AS n FROM batch');
    expect(seen.length).toBe(row?.n);
  });

  it('refuse a cursor that they did not make', async () => {
    for (const after of ['AAAA', 'eHg', '!']) {
      expect((await world.send('GET', '/v1/batches', { query: { after } })).status).toBe(400);
    }
  });

  it('show products and organisations to everyone, gateways and loggers to their owner', async () => {
    const products = await world.expect(200, 'listProducts', { as: 'south' });
    expect(products.body['products']).toMatchObject([
      { gtin: GTIN, organisation: 'maker', profiles: [{ version: 1 }] },
    ]);
    const everyone = await world.expect(200, 'listOrganisations', { as: 'south' });
    expect((everyone.body['organisations'] as unknown[]).length).toBe(5);
    const role = 'device-manager';
    await world.expect(201, 'registerLogger', { role, body: { serial: 'L1', intervalMs: 60_000 } });
    await world.expect(200, 'registerLogger', { role, body: { serial: 'L1', intervalMs: 60_000 } });
    const changed = await world.expect(409, 'registerLogger', { role, body: { serial: 'L1', intervalMs: 1000 } });
    expect(changed.body['code']).toBe('logger-exists');
    const calibrated = { calibrationDue: '2027-03-01', calibrationCertificate: 'C-77', model: 'TAG-2' };
    await world.expect(200, 'registerLogger', { role, body: { serial: 'L1', intervalMs: 60_000, ...calibrated } });
    const loggers = (await world.expect(200, 'listLoggers', { role })).body['loggers'];
    expect(loggers).toMatchObject([{ serial: 'L1', ...calibrated, silentCause: null }]);
    expect(loggers).toHaveLength(1);
    expect((await world.expect(200, 'listLoggers', { as: 'south', role })).body['loggers']).toEqual([]);
    expect((await world.expect(200, 'listGateways', { as: 'south', role })).body['gateways']).toEqual([]);
  });
});

describe('gateways', () => {
  const role = 'device-manager';
  const publicKey = 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=';
  const key = { kid: 'k1', algorithm: 'Ed25519', publicKey };

  it('have a model that exists, and keys of the algorithm that they say', async () => {
    await world.expect(201, 'createGateway', { role, body: { name: 'lora', model: 'chirpstack-v4', keys: [key] } });
    const mapping = { logger: '/d', time: '/t', timeForm: 'ms', celsius: '/c' };
    await world.expect(201, 'createGateway', { role, body: { name: 'own', model: 'own', mapping } });
    const gateways = (await world.expect(200, 'listGateways', { role })).body['gateways'];
    expect(gateways).toContainEqual(
      expect.objectContaining({ name: 'lora', model: 'chirpstack-v4', acceptsUnsequenced: true, status: null }),
    );
    expect(gateways).toContainEqual(expect.objectContaining({ name: 'own', model: 'own', acceptsUnsequenced: true }));
    const refusals: readonly [string, object][] = [
      ['gateway-model-invalid', { name: 'x', model: 'own' }],
      ['gateway-model-invalid', { name: 'x', model: 'own', mapping: { ...mapping, logger: 'd' } }],
      ['gateway-model-invalid', { name: 'x', mapping }],
      ['gateway-key-invalid', { name: 'x', keys: [{ ...key, algorithm: 'ES256' }] }],
      ['gateway-key-invalid', { name: 'x', keys: [{ ...key, publicKey: 'AAAA' }] }],
    ];
    for (const [code, body] of refusals) {
      expect((await world.expect(422, 'createGateway', { role, body })).body['code']).toBe(code);
    }
  });

  it('get further keys, of their own organisation only', async () => {
    await world.expect(201, 'createGateway', { role, body: { name: 'dock' } });
    const params = { name: 'dock' };
    await world.expect(201, 'addGatewayKey', { role, params, body: key });
    const twice = await world.expect(409, 'addGatewayKey', { role, params, body: key });
    expect(twice.body['code']).toBe('gateway-key-exists');
    await world.expect(404, 'addGatewayKey', { as: 'south', role, params, body: key });
  });
});

describe('rules that the contract keeps', () => {
  it('a profile version has no holes and a stranger cannot publish under another prefix', async () => {
    const { gtin, version: _version, ...profile } = PROFILE;
    const body = (version: number) => ({ gtin, version, name: 'Vaccine', profile });
    expect((await world.expect(409, 'publishProfile', { body: body(3) })).body['code']).toBe('version-not-next');
    const other = await world.expect(403, 'publishProfile', { as: 'carrier', body: body(2) });
    expect(other.body['code']).toBe('product-not-owned');
  });

  it('a second certification, an unknown receiver and an event of the future are refused with their codes', async () => {
    const params = { gtin: GTIN, lot: LOT };
    const again = await world.expect(409, 'certifyBatch', { params, body: {} });
    expect(again.body['code']).toBe('batch-already-certified');
    const nowhere = await world.expect(422, 'shipUnits', {
      role: 'shipper',
      body: { ssccs: [carton(1)], receiver: 'nobody' },
    });
    expect(nowhere.body['code']).toBe('receiver-unknown');
    const future = await world.expect(422, 'recallBatch', {
      params,
      body: { class: 1, depth: 'pharmacy', eventTime: '2099-01-01T00:00:00Z' },
    });
    expect(future.body['code']).toBe('event-in-future');
  });
});
