import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FabricLedger, verifyAttestation, verifyBlock } from '@coldchain/ledger/fabric';
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
import { proofSuite } from '../contract/proof.suite.js';
import { REFUSAL_PARTIES, refusalSuite } from '../contract/refusal.suite.js';
import { sharedNetwork } from '../support/index.js';

async function openFabric(): Promise<LedgerUnderTest & { readonly ledger: FabricLedger }> {
  const { networkDirectory } = await sharedNetwork(
    MAKER,
    WHOLESALER,
    PHARMACY,
    'PharmacyMSP:stranger',
    ...REFUSAL_PARTIES,
  );
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

ledgerSuite('the Fabric ledger', openFabric);
refusalSuite('the Fabric ledger', openFabric);
proofSuite('the Fabric ledger', openFabric, { verifyAttestation, verifyBlock, firstBlockSigners: 0 });

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

  it('refuses a network whose chain begins with another block than the one that is believed', async () => {
    const { networkDirectory } = await sharedNetwork();
    const elsewhere = await mkdtemp(join(tmpdir(), 'other-genesis-'));
    try {
      const profile = JSON.parse(await readFile(join(networkDirectory, 'network.json'), 'utf8')) as {
        readonly genesis: string;
        readonly organisations: readonly {
          readonly peer: { readonly address: string; readonly tlsAuthority: string };
        }[];
      };
      const organisations = profile.organisations.map((organisation) => {
        const tlsAuthority = join(networkDirectory, organisation.peer.tlsAuthority);
        return { ...organisation, peer: { ...organisation.peer, tlsAuthority } };
      });
      const other = { ...profile, organisations, identities: join(networkDirectory, 'identities') };
      const open = async (genesis: string): Promise<FabricLedger> => {
        await writeFile(join(elsewhere, 'network.json'), JSON.stringify({ ...other, genesis }));
        return FabricLedger.open({ networkDirectory: elsewhere, reader: REGULATOR });
      };
      await (await open(profile.genesis)).close();
      await expect(open('0'.repeat(64))).rejects.toMatchObject({ code: 'ledger-chain-differs' });
      await expect(open('')).rejects.toMatchObject({ code: 'ledger-keys-unreadable' });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('finds a block that does not follow its predecessor', async () => {
    const inspected = await ledger.inspect(2, '0'.repeat(64));
    expect(inspected?.problems).toEqual([{ code: 'previous-hash-differs', transactionId: null }]);
  });
});
