import { killAtHoldPoint, relayKillSuite } from '../contract/relay-kill.suite.js';
import { RelayedWorld } from '../contract/relayed-world.js';

relayKillSuite('the embedded ledger', () => RelayedWorld.embedded(), killAtHoldPoint);
