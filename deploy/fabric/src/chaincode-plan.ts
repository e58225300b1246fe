import { fileURLToPath } from 'node:url';
import type { ChaincodeBuild } from './chaincode-build.js';
import type { DaemonPlan } from './daemon.js';
import type { Layout, TlsFiles } from './layout.js';
import type { Organisation, ProcessName } from './organisations.js';
import { HOST, portsOf } from './ports.js';

/** What a chaincode server is told. */
export interface ServerArguments {
  readonly folder: string;
  readonly digest: string;
  readonly packageId: string;
  readonly address: string;
  readonly tls: TlsFiles;
}

/** The chaincode server of one organisation. */
export function chaincodePlan(
  organisation: Organisation,
  build: ChaincodeBuild,
  layout: Layout,
  basePort: number,
): DaemonPlan & { readonly name: ProcessName } {
  const { chaincode } = portsOf(organisation, basePort);
  const args: ServerArguments = {
    folder: build.folder,
    digest: build.digest,
    packageId: build.packageId,
    address: `${HOST}:${chaincode}`,
    tls: layout.chaincodeTls(organisation),
  };
  return {
    name: `chaincode-${organisation.slug}`,
    program: process.execPath,
    args: [fileURLToPath(new URL('./chaincode-server.js', import.meta.url)), JSON.stringify(args)],
    // The shim reads the level when it is loaded; at `info` it writes a line per call.
    settings: { CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    ports: [chaincode],
  };
}
