import { installNatsServer } from './nats-program.js';

// Programs of the test support that come from no package: run once before the tests, in CI and wherever wanted.
installNatsServer();
