import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CHAINCODE_NAME } from '@coldchain/chaincode/protocol';
import { chaincodeDigest } from './chaincode-build.js';
import type { ServerArguments } from './chaincode-plan.js';
import { FabricError } from './fabric-error.js';

/** What is used of fabric-shim, which is loaded from where the chaincode itself finds it. */
interface Shim {
  server(chaincode: object, options: object): { start(): Promise<void> };
}
type Dispatcher = new (
  contracts: readonly unknown[],
  serializers: object,
  metadata: object,
  title: string,
  version: string,
) => object;

const SERIALIZERS = {
  transaction: 'jsonSerializer',
  serializers: { jsonSerializer: 'fabric-contract-api/lib/jsontransactionserializer.js' },
};

/** As the shim's own command starts it: connections stay open through idle hours, messages have no limit but the peer's. */
const GRPC = {
  'grpc.max_send_message_length': -1,
  'grpc.max_receive_message_length': -1,
  'grpc.keepalive_time_ms': 110_000,
  'grpc.http2.min_time_between_pings_ms': 110_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.http2.max_pings_without_data': 0,
  'grpc.keepalive_permit_without_calls': 1,
};

/**
 * Serves one build of the chaincode to one organisation's peer. It checks first that the files are the ones that the
 * channel agreed on, and tells their digest in the contracts' metadata (`org.hyperledger.fabric:GetMetadata`, info.version).
 */
async function serve({ folder, digest, packageId, address, tls }: ServerArguments): Promise<void> {
  const found = chaincodeDigest(join(folder, 'dist'));
  if (found !== digest) {
    throw new FabricError(
      'chaincode-differs',
      `the files in ${folder} have digest ${found}, agreed is ${digest}`,
      'run `npm run fabric -- deploy`',
    );
  }
  const load = createRequire(join(folder, 'dist', 'index.js'));
  const { quietShim } = load('./quiet-shim.js') as { readonly quietShim: (levels: readonly string[]) => void };
  quietShim(['debug', 'info']);
  const { takeManyStatesAtOnce } = load('./state-access.js') as { readonly takeManyStatesAtOnce: () => void };
  takeManyStatesAtOnce();
  const { contracts } = load('./index.js') as { readonly contracts: readonly unknown[] };
  const ChaincodeFromContract = load('fabric-shim/lib/contract-spi/chaincodefromcontract') as Dispatcher;
  // The dispatcher appends its own contract to the list that it is given.
  const chaincode = new ChaincodeFromContract([...contracts], SERIALIZERS, {}, CHAINCODE_NAME, digest);
  const server = (load('fabric-shim') as Shim).server(chaincode, {
    ccid: packageId,
    address,
    tlsProps: {
      key: readFileSync(tls.key),
      cert: readFileSync(tls.certificate),
      // With an authority for clients the server demands certificates of them: only the organisation's own nodes get in.
      clientCACerts: readFileSync(tls.authority),
    },
    ...GRPC,
  });
  await server.start();
}

await serve(JSON.parse(process.argv[2] ?? '') as ServerArguments);
