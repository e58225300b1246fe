export { freePort } from '@coldchain/deploy-local';
export { allVisible } from './all-visible.js';
export { describeWithData } from './describe-with-data.js';
export { describeWithProgram } from './describe-with-program.js';
export { Mosquitto, MOSQUITTO } from './mosquitto.js';
export { NatsCluster } from './nats-cluster.js';
export { NATS_SERVER } from './nats-program.js';
export { repositoryRoot, sharedData } from './repository.js';
export { type TestDatabase, testDatabase } from './test-database.js';
