import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Command, CommandPayloads, LedgerEvent, PartyId, UnitState } from '@coldchain/chaincode/protocol';
import { packPath, packRoot } from '@coldchain/chaincode/domain';
import type { Committed, Ledger, LedgerBlock, Outcome, Prepared } from '@coldchain/ledger';

/** 64 hex digits that a test can name. */
export const hex = (name: string): string => createHash('sha256').update(name).digest('hex');

export const REGULATOR = 'RegulatorMSP:authority';
export const MAKER = 'ManufacturerMSP:maker';
export const WHOLESALER = 'DistributorMSP:wholesaler';
export const PHARMACY = 'PharmacyMSP:pharmacy';
export const GTIN = '09521234000013';
export const HOUR = 3_600_000;

/** A 2–8 °C product with a budget of ten hours above 8 °C. */
export const PROFILE: CommandPayloads['publishProfile']['profile'] = {
  gtin: GTIN,
  version: 1,
  storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
  ranges: [{ name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 10 * HOUR }],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: HOUR, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

/** Payload of one leg's totals. */
export function exposure(
  unit: string,
  custodian: PartyId,
  usedMs: number,
  revision = 1,
): CommandPayloads['recordExposure'] {
  return {
    ...act(`exposure ${unit} ${revision} ${usedMs}`),
    unit: hex(unit),
    record: {
      leg: hex(`leg of ${unit} with ${custodian}`),
      revision,
      custodian,
      durationMs: 20 * HOUR,
      gapMs: 0,
      coldestMilliCelsius: 3000,
      hottestMilliCelsius: 9000,
      exposures: [{ profile: `${GTIN}/1`, usedMs: [usedMs], freezeRunMs: 0 }],
      histogram: hex('histogram'),
      startedAt: 0,
    },
  };
}

/** Commitment and event time of an act that a test can name. */
export const act = (name: string): { commitment: string; eventTime: number } => ({
  commitment: hex(`commitment ${name}`),
  eventTime: EVENT_TIME,
});
const EVENT_TIME = Date.UTC(2026, 0, 10);

/** A ledger that a suite may fill, and close and open again over the same blocks. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** The same ledger in a new process: nothing in memory is kept. */
  reopen(): Promise<Ledger>;
  close(): Promise<void>;
}

/** Proposes and submits; a refusal fails the test. */
export async function commit<Name extends Command>(
  ledger: Ledger,
  party: PartyId,
  command: Name,
  payload: CommandPayloads[Name],
): Promise<Committed> {
  const outcome = await ledger.submit((await prepared(ledger, party, command, payload)).envelope);
  if (outcome.kind !== 'committed') throw new Error(`${command}: ${JSON.stringify(outcome)}`);
  return outcome;
}

async function prepared<Name extends Command>(
  ledger: Ledger,
  party: PartyId,
  command: Name,
  payload: CommandPayloads[Name],
): Promise<Prepared> {
  const preparation = await ledger.prepare(command, payload, party);
  if (preparation.kind !== 'prepared') throw new Error(`${command}: ${JSON.stringify(preparation)}`);
  return preparation;
}

const batchOf = (name: string): { batch: string } => ({ batch: hex(name) });

/** Parties, the profile, and a certified batch `b1` with two packs. */
export async function begin(ledger: Ledger): Promise<void> {
  const register = (party: PartyId, role: 'manufacturer' | 'distributor' | 'pharmacy', prefixes: string[] = []) =>
    commit(ledger, REGULATOR, 'registerParty', { party, roles: [role], prefixes });
  await register(MAKER, 'manufacturer', ['9521234']);
  await register(WHOLESALER, 'distributor');
  await register(PHARMACY, 'pharmacy');
  await commit(ledger, MAKER, 'publishProfile', { profile: PROFILE });
  await commit(ledger, MAKER, 'registerBatch', {
    ...act('register'),
    ...batchOf('b1'),
    profile: `${GTIN}/1`,
    expiry: '2030-01-31',
  });
  await commit(ledger, MAKER, 'addPacks', { ...act('packs'), ...batchOf('b1'), root: packRoot(PACKS) });
  await commit(ledger, MAKER, 'certifyBatch', { ...act('certify'), ...batchOf('b1') });
}

/** Pack keys of `b1` in their order. */
export const PACKS = [hex('pack 1'), hex('pack 2')].sort();

/** Payload that packs a new unit of `b1`. */
export const packing = (unit: string): CommandPayloads['aggregateUnit'] => ({
  ...act(`pack ${unit}`),
  unit: hex(unit),
  children: [],
  sources: [],
  batches: [hex('b1')],
});

/** Payload that sends a unit to a receiver. */
export const shipping = (unit: string, receiver: PartyId, name = ''): CommandPayloads['shipUnits'] => ({
  ...act(`ship ${unit} ${receiver} ${name}`),
  units: [hex(unit)],
  receiver,
});

/** All blocks that are there now. */
export async function blocksOf(ledger: Ledger, after = -1): Promise<LedgerBlock[]> {
  const { height } = await ledger.health();
  const blocks: LedgerBlock[] = [];
  const stop = new AbortController();
  if (after + 1 >= height) return blocks;
  for await (const block of ledger.events(after, stop.signal)) {
    blocks.push(block);
    if (block.number === height - 1) stop.abort();
  }
  return blocks;
}

/** What every adapter of the {@link Ledger} port promises. */
export function ledgerSuite(name: string, open: () => Promise<LedgerUnderTest>): void {
  describe(`${name} as a ledger`, () => {
    let subject: LedgerUnderTest;
    let ledger: Ledger;

    beforeAll(async () => {
      subject = await open();
      ledger = subject.ledger;
      await begin(ledger);
    }, 60_000);

    afterAll(() => subject.close());

    const unit = async (key: string): Promise<UnitState> => {
      const text = await ledger.evaluate('getUnit', hex(key));
      if (text === undefined) throw new Error(`no unit ${key}`);
      return JSON.parse(text) as UnitState;
    };

    it('commits a command, answers its state and its anchor, and emits one event', async () => {
      const committed = await commit(ledger, MAKER, 'aggregateUnit', packing('u1'));
      expect(await unit('u1')).toMatchObject({ custodian: MAKER, status: 'held-by-custodian' });
      expect(await ledger.evaluate('getUnit', hex('nothing'))).toBeUndefined();
      expect(JSON.parse((await ledger.evaluate('getAnchor', act('pack u1').commitment)) ?? '')).toMatchObject({
        command: 'aggregateUnit',
        party: MAKER,
        transactionId: committed.transactionId,
      });
      const block = await ledger.block(committed.block);
      const transaction = block?.transactions.find((one) => one.transactionId === committed.transactionId);
      expect(transaction?.valid).toBe(true);
      expect(transaction?.event).toMatchObject({ name: 'UnitAggregated', units: [{ unit: hex('u1') }] });
    });

    it('writes nothing by preparing, and gives each preparation its own id', async () => {
      const { height } = await ledger.health();
      const first = await prepared(ledger, MAKER, 'aggregateUnit', packing('only prepared'));
      const second = await prepared(ledger, MAKER, 'aggregateUnit', packing('only prepared'));
      expect(first.transactionId).not.toBe(second.transactionId);
      expect((await ledger.health()).height).toBe(height);
      expect(await ledger.transaction(first.transactionId)).toBeUndefined();
      expect(await ledger.evaluate('getUnit', hex('only prepared'))).toBeUndefined();
    });

    it('refuses with the code of the contract', async () => {
      await commit(ledger, MAKER, 'aggregateUnit', packing('u2'));
      const refusal = async <Name extends Command>(party: string, command: Name, payload: CommandPayloads[Name]) => {
        const preparation = await ledger.prepare(command, payload, party);
        return preparation.kind === 'refused' ? preparation.refusal.code : preparation.kind;
      };
      expect(await refusal(WHOLESALER, 'shipUnits', shipping('u2', PHARMACY))).toBe('not-custodian');
      expect(await refusal(MAKER, 'shipUnits', shipping('none', PHARMACY))).toBe('unit-unknown');
      expect(await refusal(MAKER, 'aggregateUnit', { ...packing('u2'), ...act('again') })).toBe('unit-exists');
      expect(await refusal('PharmacyMSP:stranger', 'shipUnits', shipping('u2', PHARMACY))).toBe('party-unknown');
    });

    it('gives a signature only to parties of its organisations', async () => {
      const foreign = ledger.prepare('shipUnits', shipping('u2', PHARMACY), 'StrangerMSP:stranger');
      await expect(foreign).rejects.toMatchObject({ code: 'party-not-served' });
    });

    it('takes the same envelope again without doing it twice', async () => {
      const { envelope, transactionId } = await prepared(ledger, MAKER, 'aggregateUnit', packing('u3'));
      const outcomes = await Promise.all([ledger.submit(envelope), ledger.submit(envelope)]);
      outcomes.push(await ledger.submit(envelope));
      const blocks = new Set(outcomes.map((outcome) => (outcome.kind === 'committed' ? outcome.block : outcome.kind)));
      expect(blocks.size).toBe(1);
      expect(await ledger.transaction(transactionId)).toEqual(outcomes[0]);
      const all = (await blocksOf(ledger)).flatMap((block) => block.transactions);
      expect(all.filter((transaction) => transaction.transactionId === transactionId)).toHaveLength(1);
    });

    it('gives the record of an act that was anchored before, and emits nothing for it', async () => {
      const again = await commit(ledger, MAKER, 'aggregateUnit', packing('u3'));
      const block = await ledger.block(again.block);
      expect(block?.transactions.find((one) => one.transactionId === again.transactionId)?.event).toBeNull();
    });

    it('lets one of two preparations over the same state win, and voids the other', async () => {
      await commit(ledger, MAKER, 'aggregateUnit', packing('u4'));
      const one = await prepared(ledger, MAKER, 'shipUnits', shipping('u4', WHOLESALER));
      const other = await prepared(ledger, MAKER, 'shipUnits', shipping('u4', PHARMACY));
      const outcomes: Outcome[] = await Promise.all([ledger.submit(one.envelope), ledger.submit(other.envelope)]);
      expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['committed', 'conflict']);
      const winner = outcomes[0]?.kind === 'committed' ? WHOLESALER : PHARMACY;
      expect(await unit('u4')).toMatchObject({ status: 'in-transit', receiver: winner });
      const loser = outcomes[0]?.kind === 'committed' ? other : one;
      expect(await ledger.transaction(loser.transactionId)).toMatchObject({ kind: 'conflict' });
      const third = await ledger.submit(loser.envelope);
      expect(third.kind).toBe('conflict');
    });

    it('does not let an object that was absent when it was read appear twice', async () => {
      const one = await prepared(ledger, MAKER, 'aggregateUnit', packing('u5'));
      const other = await prepared(ledger, MAKER, 'aggregateUnit', { ...packing('u5'), ...act('another u5') });
      expect((await ledger.submit(one.envelope)).kind).toBe('committed');
      expect((await ledger.submit(other.envelope)).kind).toBe('conflict');
    });

    it('places a thermal hold by itself, and then refuses onward supply and dispensing', async () => {
      await commit(ledger, MAKER, 'aggregateUnit', packing('u6'));
      await commit(ledger, MAKER, 'recordExposure', exposure('u6', MAKER, 11 * HOUR));
      expect((await unit('u6')).holds).toMatchObject([{ kind: 'thermal', reason: 'budget-exceeded', placedBy: MAKER }]);
      const ship = await ledger.prepare('shipUnits', shipping('u6', PHARMACY), MAKER);
      expect(ship).toMatchObject({ kind: 'refused', refusal: { code: 'unit-held' } });
    });

    it('dispenses a pack once', async () => {
      await commit(ledger, MAKER, 'aggregateUnit', packing('u7'));
      const dispensing = (name: string): CommandPayloads['decommissionPack'] => ({
        ...act(name),
        pack: PACKS[1] ?? '',
        batch: hex('b1'),
        unit: hex('u7'),
        status: 'dispensed',
        proof: { run: 0, index: 1, size: 2, path: packPath(PACKS, 1) },
      });
      await commit(ledger, MAKER, 'decommissionPack', dispensing('first'));
      const second = await ledger.prepare('decommissionPack', dispensing('second'), MAKER);
      expect(second).toMatchObject({ kind: 'refused', refusal: { code: 'pack-already-decommissioned' } });
    });

    it('commits many at once, each in one block', async () => {
      const names = Array.from({ length: 120 }, (_, index) => `many ${index}`);
      const outcomes = await Promise.all(names.map((one) => commit(ledger, MAKER, 'aggregateUnit', packing(one))));
      expect(new Set(outcomes.map((outcome) => outcome.transactionId)).size).toBe(names.length);
      expect(new Set(outcomes.map((outcome) => outcome.block)).size).toBeLessThan(names.length);
    });

    it('tells all blocks in order from anywhere, and a new one as it comes', async () => {
      const all = await blocksOf(ledger);
      expect(all.map((block) => block.number)).toEqual(all.map((_, index) => index));
      expect(await blocksOf(ledger, 4)).toEqual(all.slice(5));
      for (const block of all) {
        expect(block.transactions.map((transaction) => transaction.index)).toEqual(block.transactions.map((_, i) => i));
      }
      const stop = new AbortController();
      const next = ledger
        .events(all.length - 1, stop.signal)
        [Symbol.asyncIterator]()
        .next();
      const committed = await commit(ledger, MAKER, 'aggregateUnit', packing('u8'));
      expect((await next).value).toMatchObject({ number: committed.block });
      stop.abort();
    });

    it('ends its stream when the signal is aborted', async () => {
      const { height } = await ledger.health();
      const stop = new AbortController();
      const next = ledger
        .events(height - 1, stop.signal)
        [Symbol.asyncIterator]()
        .next();
      stop.abort();
      expect((await next).done).toBe(true);
    });

    it('chains blocks and signs them so that all can be checked from their bytes', async () => {
      const { height } = await ledger.health();
      let previous: string | null = null;
      for (let number = 0; number < height; number++) {
        const inspected = await ledger.inspect(number, previous);
        expect(inspected?.problems).toEqual([]);
        previous = inspected?.block.headerHash ?? null;
      }
      expect(await ledger.inspect(height, previous)).toBeUndefined();
      expect(await ledger.block(height)).toBeUndefined();
    });

    it('gives in its events the full state of all that changed: their fold is what can be queried', async () => {
      const states = new Map<string, UnitState>();
      const events = (await blocksOf(ledger)).flatMap((block) => block.transactions.map((one) => one.event));
      for (const event of events.filter((one): one is LedgerEvent => one !== null)) {
        for (const state of event.units) states.set(state.unit, state);
      }
      expect(states.size).toBeGreaterThan(100);
      for (const key of ['u1', 'u4', 'u6']) expect(states.get(hex(key))).toEqual(await unit(key));
    });

    it('has everything after it was opened anew, and goes on', async () => {
      const before = await blocksOf(ledger);
      ledger = await subject.reopen();
      expect(await blocksOf(ledger)).toEqual(before);
      await commit(ledger, MAKER, 'aggregateUnit', packing('u9'));
      expect((await ledger.health()).height).toBe(before.length + 1);
    });
  });
}
