export { freePort } from '@coldchain/deploy-local';
export { allVisible } from './all-visible.js';
export { describeWithData } from './describe-with-data.js';
export { repositoryRoot, sharedData } from './repository.js';
export { type TestDatabase, testDatabase } from './test-database.js';
