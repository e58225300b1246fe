import { readdirSync, rmdirSync } from 'node:fs';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { FabricNetwork } from './fabric-network.js';

/** Ends a network whose holder is gone; started by `spawnGuardian`. */
const [dataDir = '', atEnd, holder = ''] = process.argv.slice(2);
const network = new FabricNetwork(
  {
    dataDir,
    fabricBin: null,
    fabricCacheDir: null,
    fabricPort: null,
    fabricBlockMs: null,
    fabricRegulator: '',
  },
  new SystemClock(),
  new SystemRandom(),
);
await network.endOf(holder, atEnd === 'destroy' ? 'destroy' : 'down');
// A data folder that held nothing but the network was made for it.
if (atEnd === 'destroy' && readdirSync(dataDir).length === 0) rmdirSync(dataDir);
