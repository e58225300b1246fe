import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_NAMES } from '../protocol';
import { canonicalJson } from './canonical';
import { decide, decideSeed } from './decide';
import { isPackOf, packPath, packRoot } from './pack-proof';
import { hex, HOUR, MAKER, PHARMACY, REGULATOR, WHOLESALER, World } from './spec-world';

describe('decide', () => {
  it('anchors an act with its objects, the lateness and the digest of its content, and emits one event', async () => {
    const world = await World.open();
    await world.produced('u');
    const eventTime = world.now;
    world.now += 5_000;
    const decision = await world.decide(MAKER, 'shipUnits', { units: [hex('u')], receiver: WHOLESALER, eventTime });
    if (!decision.ok) throw new Error(decision.refusal.code);
    expect(decision.result).toMatchObject({ command: 'shipUnits', party: MAKER, lateByMs: 5_000 });
    expect(decision.event).toMatchObject({ name: EVENT_NAMES.shipUnits, units: [{ status: 'in-transit' }] });
    expect(decision.writes.map((write) => write.type)).toEqual(['anchor', 'unit']);
  });

  it('gives the record of an act that was committed before, and writes nothing', async () => {
    const world = await World.open();
    await world.produced('u');
    const ship = { units: [hex('u')], receiver: WHOLESALER, commitment: hex('c'), eventTime: world.now };
    const record = await world.done(MAKER, 'shipUnits', ship);
    const before = new Map(world.states);
    const again = await world.decide(MAKER, 'shipUnits', ship);
    expect(again).toMatchObject({ ok: true, replay: true, writes: [], event: null, result: record });
    expect(world.states).toEqual(before);
  });

  it('registers a party and publishes a profile once per content', async () => {
    const world = await World.open();
    const pharmacy = { party: 'PharmacyMSP:new', roles: ['pharmacy', 'laboratory'], prefixes: [] };
    expect(await world.decide(REGULATOR, 'registerParty', pharmacy)).toMatchObject({ ok: true, replay: false });
    const again = await world.decide(REGULATOR, 'registerParty', { ...pharmacy, roles: ['laboratory', 'pharmacy'] });
    expect(again).toMatchObject({ ok: true, replay: true, event: null });
  });

  it('seeds the regulator once', async () => {
    const first = await decideSeed(REGULATOR, undefined);
    expect(first).toMatchObject({ ok: true, replay: false, event: { name: 'PartyRegistered' } });
    expect(await decideSeed(REGULATOR, REGULATOR)).toMatchObject({ ok: true, replay: true, writes: [] });
  });

  it('keeps one chain of custody: claimed goods stay with their custodian, and are held', async () => {
    const world = await World.open();
    await world.produced('u');
    await world.done(PHARMACY, 'receiveUnannounced', { units: [hex('u')] });
    expect(world.unit('u')).toMatchObject({ custodian: MAKER, claimedBy: PHARMACY });
    expect(world.unit('u').holds).toMatchObject([{ kind: 'discrepancy', reason: 'unannounced-receipt' }]);
  });

  it('lets an act of the last week be captured late, although the batch has expired since', async () => {
    const world = await World.open();
    await world.produced('u');
    const eventTime = Date.UTC(2026, 11, 31);
    world.now = Date.UTC(2027, 0, 5);
    expect(await world.say(MAKER, 'decommissionPack', { ...world.dispensing('b1', 'u'), eventTime })).toBe('ok');
  });

  it('keeps the first claim on a unit, and takes none that is dated ahead', async () => {
    const world = await World.open();
    await world.produced('u');
    const claim = { units: [hex('u')] };
    expect(await world.say(WHOLESALER, 'receiveUnannounced', { ...claim, eventTime: world.now + 60_000 })).toBe(
      'event-in-future',
    );
    await world.done(PHARMACY, 'receiveUnannounced', claim);
    expect(await world.say(WHOLESALER, 'receiveUnannounced', claim)).toBe('unit-held');
    expect(world.unit('u')).toMatchObject({ claimedBy: PHARMACY });
  });

  it('receives a part of a shipment, held goods, and with a discrepancy into a hold', async () => {
    const world = await World.open();
    await world.produced('a');
    await world.produced('b');
    await world.done(MAKER, 'shipUnits', { units: [hex('a'), hex('b')], receiver: WHOLESALER });
    await world.exposed('b', world.record('leg', MAKER, [11 * HOUR, 0]));
    await world.done(WHOLESALER, 'receiveUnits', { units: [hex('b')], discrepancy: hex('what was seen') });
    expect(world.unit('a')).toMatchObject({ custodian: MAKER, status: 'in-transit' });
    expect(world.unit('b')).toMatchObject({ custodian: WHOLESALER, previousCustodians: [MAKER] });
    expect(
      world
        .unit('b')
        .holds.map((hold) => hold.reason)
        .sort(),
    ).toEqual(['budget-exceeded', 'receipt-discrepancy']);
  });

  it('gives byte-identical answers, whatever the order of members in the payload', async () => {
    const world = await World.open();
    await world.produced('a');
    await world.produced('b');
    const payload = {
      unit: hex('pallet'),
      children: [hex('a'), hex('b')],
      sources: [],
      batches: [hex('b1')],
      commitment: hex('c'),
      eventTime: world.now,
    };
    const call = { command: 'aggregateUnit', caller: MAKER, proposalTime: world.now, transactionId: hex('t') } as const;
    const first = JSON.stringify(await decide({ ...call, payload }, world.read));
    expect(JSON.stringify(await decide({ ...call, payload }, world.read))).toBe(first);
    const reversed = Object.fromEntries(Object.entries(payload).reverse());
    expect(JSON.stringify(await decide({ ...call, payload: reversed }, world.read))).toBe(first);
    // A database that keeps JSON in an order of its own comes to the same content.
    const reordered = await decide({ ...call, payload }, async (references) => {
      const states = await world.read(references);
      return states.map((state) => (state === undefined ? undefined : (JSON.parse(canonicalJson(state)) as unknown)));
    });
    expect(canonicalJson(reordered)).toBe(canonicalJson(JSON.parse(first)));
  });

  it('survives any JSON as a payload', async () => {
    const world = await World.open();
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue(),
        fc.constantFrom(...(Object.keys(EVENT_NAMES) as (keyof typeof EVENT_NAMES)[])),
        async (payload, command) => {
          const call = { command, payload, caller: MAKER, proposalTime: world.now, transactionId: hex('t') };
          expect(await decide(call, world.read)).toMatchObject({ ok: false });
        },
      ),
    );
  });
});

describe('pack proof', () => {
  const sha = (prefix: number, ...parts: string[]): string => {
    const hash = createHash('sha256').update(Buffer.of(prefix));
    for (const part of parts) hash.update(Buffer.from(part, 'hex'));
    return hash.digest('hex');
  };

  it('hashes as RFC 9162 §2.1.1 says', () => {
    const [a, b, c] = [hex('a'), hex('b'), hex('c')];
    expect(packRoot([a])).toBe(sha(0, a));
    expect(packRoot([a, b, c])).toBe(sha(1, sha(1, sha(0, a), sha(0, b)), sha(0, c)));
  });

  it('proves every pack of every size, and nothing else', () => {
    for (let size = 1; size <= 33; size++) {
      const keys = Array.from({ length: size }, (_, index) => hex(`${index}`));
      const root = packRoot(keys);
      keys.forEach((key, index) => {
        const path = packPath(keys, index);
        expect(isPackOf(root, key, { index, size, path })).toBe(true);
        expect(isPackOf(root, hex('other'), { index, size, path })).toBe(false);
        expect(isPackOf(root, key, { index: index + 1, size, path })).toBe(false);
        expect(isPackOf(root, key, { index, size, path: [...path, hex('more')] })).toBe(false);
        if (path.length > 0) expect(isPackOf(root, key, { index, size, path: path.slice(1) })).toBe(false);
      });
    }
  });
});
