import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { FabricLedger, verifyAttestation } from '@coldchain/ledger/fabric';
import {
  commit,
  ledgerSuite,
  MAKER,
  packing,
  PHARMACY,
  REGULATOR,
  type LedgerUnderTest,
  WHOLESALER,
} from '../contract/ledger.suite.js';
import { sharedNetwork } from '../support/index.js';

async function openFabric(): Promise<LedgerUnderTest & { readonly ledger: FabricLedger }> {
  const { networkDirectory } = await sharedNetwork(MAKER, WHOLESALER, PHARMACY, 'PharmacyMSP:stranger');
  let current = await FabricLedger.open({ networkDirectory, reader: REGULATOR });
  return {
    ledger: current,
    reopen: async () => {
      await current.close();
      current = await FabricLedger.open({ networkDirectory, reader: REGULATOR });
      return current;
    },
    close: () => current.close(),
  };
}

/** All organisations have a transaction some moments after the first one has it. */
async function attestedSoon(
  ledger: FabricLedger,
  transactionId: string,
  organisations: readonly string[],
): ReturnType<FabricLedger['attest']> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ledger.attest(transactionId, organisations);
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(200);
    }
  }
}

ledgerSuite('the Fabric ledger', openFabric);

describe('the Fabric ledger', () => {
  let ledger: FabricLedger;
  beforeAll(async () => {
    ({ ledger } = await openFabric());
  });
  afterAll(() => ledger.close());

  it('refuses bytes that it did not make', async () => {
    const preparation = await ledger.prepare('aggregateUnit', packing('forged'), MAKER);
    if (preparation.kind !== 'prepared') throw new Error(preparation.kind);
    const { envelope } = preparation;
    const forged = Buffer.from(envelope);
    forged.write('X', forged.indexOf('UnitAggregated'));
    for (const bytes of [forged, envelope.subarray(0, 100), Buffer.from('nonsense'), Buffer.alloc(0)])
      await expect(ledger.submit(bytes)).rejects.toMatchObject({ code: 'envelope-invalid' });
  });

  it('tells the height of every organisation', async () => {
    await commit(ledger, MAKER, 'aggregateUnit', packing('height'));
    const { adapter, organisations, height } = await ledger.health();
    expect(adapter).toBe('fabric');
    expect(organisations?.map(({ mspid }) => mspid).sort()).toEqual([
      'DistributorMSP',
      'ManufacturerMSP',
      'PharmacyMSP',
      'RegulatorMSP',
    ]);
    expect(Math.max(...(organisations ?? []).map((one) => one.height ?? 0))).toBe(height);
  });

  it('attests a transaction by all organisations, and refuses an attestation with any bit changed', async () => {
    const organisations = ['DistributorMSP', 'ManufacturerMSP', 'PharmacyMSP', 'RegulatorMSP'];
    const { transactionId } = await commit(ledger, MAKER, 'aggregateUnit', packing('attested'));
    const { attestation, attested, under } = await attestedSoon(ledger, transactionId, organisations);
    expect(attested).toMatchObject({ transactionId, valid: true, organisations });
    const wanted = { transactionId, channel: 'coldchain', organisations };
    const { statement, endorsements } = attestation;
    const parts = [statement, ...endorsements.flatMap(({ endorser, signature }) => [endorser, signature])];
    const bits = parts.reduce((sum, part) => sum + part.length, 0) * 8;
    for (let change = 0; change < 1000; change++) {
      let bit = Math.floor((change * bits) / 1000);
      const [first = statement, ...rest] = parts.map((part) => {
        const copy = Buffer.from(part);
        if (bit >= 0 && bit < part.length * 8) copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        bit -= part.length * 8;
        return copy;
      });
      const changed = endorsements.map((one, index) => ({
        endorser: rest[index * 2] ?? one.endorser,
        signature: rest[index * 2 + 1] ?? one.signature,
      }));
      const altered = { statement: first, endorsements: changed };
      expect(() => verifyAttestation(altered, wanted, under)).toThrow();
    }
    const other = { ...wanted, transactionId: '0'.repeat(64) };
    expect(() => verifyAttestation(attestation, other, under)).toThrow(/another transaction/);
  });

  it('finds a block that does not follow its predecessor', async () => {
    const inspected = await ledger.inspect(2, '0'.repeat(64));
    expect(inspected?.problems).toEqual([{ code: 'previous-hash-differs', transactionId: null }]);
  });
});
