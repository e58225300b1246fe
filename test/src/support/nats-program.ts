import { findProgram } from './mosquitto.js';
import { goInstall, programFolder } from './program-cache.js';

const RELEASE = '2.15.2';
const MODULE = `github.com/nats-io/nats-server/v2@v${RELEASE}`;
const FOLDER = programFolder(`nats-server-${RELEASE}`);

/** The NATS server of the pinned release, null where {@link installNatsServer} has not built it. */
export const NATS_SERVER = findProgram('nats-server', FOLDER);

/** Builds the pinned server into the cache, once, about a minute; needs Go. */
export function installNatsServer(): void {
  goInstall(MODULE, FOLDER);
}
