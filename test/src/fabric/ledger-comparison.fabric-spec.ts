import { FabricLedger } from '@coldchain/ledger/fabric';
import { comparisonSuite } from '../contract/comparison.suite.js';
import { REGULATOR } from '../contract/ledger.suite.js';
import { openEmbedded } from '../contract/open-embedded.js';
import { sharedNetwork } from '../support/index.js';

comparisonSuite(
  'the embedded ledger and Fabric',
  () => openEmbedded(),
  async (parties) => {
    const { networkDirectory } = await sharedNetwork(...parties);
    const open = (): Promise<FabricLedger> => FabricLedger.open({ networkDirectory, reader: REGULATOR });
    let current = await open();
    return {
      ledger: current,
      reopen: async () => {
        await current.close();
        current = await open();
        return current;
      },
      close: () => current.close(),
    };
  },
  { worlds: 40, actsPerWorld: 250, pairs: 500, refusals: 58, commands: 29, timeoutMs: 1_800_000 },
);
