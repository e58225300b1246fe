import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FabricLedger } from '@coldchain/ledger/fabric';
import { commit, ledgerSuite, MAKER, packing, REGULATOR, type LedgerUnderTest } from '../contract/ledger.suite.js';

/** Folder of a running, freshly deployed network whose regulator is `authority`; see libs/ledger/README.md. */
const networkDirectory = process.env['CCT_FABRIC_NETWORK'];

async function openFabric(): Promise<LedgerUnderTest & { readonly ledger: FabricLedger }> {
  if (networkDirectory === undefined) throw new Error('CCT_FABRIC_NETWORK is not set');
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

if (networkDirectory === undefined) {
  console.warn('SKIPPED: the Fabric ledger; set CCT_FABRIC_NETWORK to the folder of a running network');
  it.skip('the Fabric ledger', () => undefined);
} else {
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

    it('finds a block that does not follow its predecessor', async () => {
      const inspected = await ledger.inspect(2, '0'.repeat(64));
      expect(inspected?.problems).toEqual([{ code: 'previous-hash-differs', transactionId: null }]);
    });
  });
}
