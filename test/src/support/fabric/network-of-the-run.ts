import { FabricError, findPrograms } from '@coldchain/deploy-fabric';
import { loadConfiguration } from '@coldchain/runtime';
import { TestNetwork } from './test-network.js';

/** Name under which the set-up tells the specs where the network of the run is. Not `CCT_`: child processes inherit it. */
const NETWORK_VARIABLE = 'COLDCHAIN_TEST_NETWORK';

let reserved: TestNetwork | undefined;

/**
 * Prepares the network of the run, which the first spec that asks for it makes. Without the programs of Hyperledger Fabric
 * there is nothing to test: in CI that fails, elsewhere the run ends here and says so.
 */
export async function reserveNetwork(): Promise<void> {
  const missing = missingPrograms();
  if (missing !== null && (process.env['CI'] ?? '') !== '') throw missing;
  if (missing !== null) {
    console.warn(`SKIPPED all tests on Hyperledger Fabric: ${missing.message}; run \`npm run fabric -- install\``);
    process.exit(0);
  }
  reserved = await TestNetwork.reserve();
  process.env[NETWORK_VARIABLE] = reserved.dataDir;
}

/** Ends the network of the run. */
export async function destroyNetwork(): Promise<void> {
  await reserved?.destroy();
  reserved = undefined;
}

/**
 * The network of the run, for specs that leave it whole; each takes parties, units and GTINs that no other spec uses. Its
 * regulator is `RegulatorMSP:authority`. A spec that kills or changes nodes makes its own: `TestNetwork.make`.
 * @param parties get identities
 * @throws Error when an earlier spec left it broken
 */
export async function sharedNetwork(...parties: readonly string[]): Promise<TestNetwork> {
  const dataDir = process.env[NETWORK_VARIABLE] ?? '';
  if (dataDir === '') throw new Error('no test network: run Jest with --config test/quality/jest.fabric.json');
  const network = await TestNetwork.attach(dataDir);
  const dead = network.fabric.processes().filter(({ pid }) => pid === null);
  if (dead.length > 0) throw new Error(`an earlier spec ended ${dead.map(({ name }) => name).join(', ')}`);
  await network.identify(...parties);
  return network;
}

function missingPrograms(): FabricError | null {
  try {
    findPrograms(loadConfiguration('local'));
    return null;
  } catch (error) {
    if (error instanceof FabricError && error.code === 'program-missing') return error;
    throw error;
  }
}
