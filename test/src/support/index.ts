export { freePort } from '@coldchain/deploy-local';
export { allVisible } from './all-visible.js';
export { describeWithData } from './describe-with-data.js';
export { sharedNetwork } from './fabric/network-of-the-run.js';
export { TestNetwork, type TestNetworkOptions } from './fabric/test-network.js';
export { repositoryRoot, sharedData } from './repository.js';
export { type TestDatabase, testDatabase } from './test-database.js';
