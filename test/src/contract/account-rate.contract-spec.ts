import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiWorld } from './api-world.js';

let world: ApiWorld;

beforeAll(async () => {
  world = await ApiWorld.open({ accountRequestsPerMinute: 60 });
});
afterAll(() => world.close());

describe('an account that asks too often', () => {
  it('is told when to ask again, and nobody else waits', async () => {
    // A request that the account may not make counts as well.
    await world.call('listAuditLog', {});
    for (let request = 0; request < 9; request++) await world.expect(200, 'getMe', {});
    const { status, body, headers } = await world.call('getMe', {});
    expect([status, body['code'], headers.get('retry-after')]).toEqual([429, 'too-many-requests', '1']);
    await world.expect(200, 'getMe', { role: 'auditor' });
    await world.expect(200, 'getMe', { as: 'north' });
    // What needs no key is not counted.
    expect((await world.send('GET', '/version', { as: null })).status).toBe(200);
    world.custody.clock.advance(1000);
    await world.expect(200, 'getMe', {});
    expect((await world.call('getMe', {})).status).toBe(429);
  });
});
