import { createServer } from 'node:net';
import { FabricError } from './fabric-error.js';
import { ORGANISATIONS, type Organisation } from './organisations.js';

/** Everything listens on this address only. */
export const HOST = '127.0.0.1';
/** First port of a new network when none is asked for. */
export const DEFAULT_BASE_PORT = 7050;
/** Ports from one organisation to the next; each uses seven of them. */
const STRIDE = 10;
/** Ports that a network spans from its first one on. */
export const PORT_SPAN = STRIDE * ORGANISATIONS.length;

const SPANS_TO_TRY = 50;

/** The ports of one organisation. */
export interface OrganisationPorts {
  readonly peer: number;
  /** Where a peer would wait for chaincode that it started itself; unused with chaincode as a service, yet opened. */
  readonly peerChaincode: number;
  /** Health and metrics. */
  readonly peerOperations: number;
  readonly orderer: number;
  /** Joining channels; demands a client certificate. */
  readonly ordererAdmin: number;
  readonly ordererOperations: number;
  readonly chaincode: number;
}

/** Ports of an organisation in a network whose first port is `basePort`. */
export function portsOf(organisation: Organisation, basePort: number): OrganisationPorts {
  const first = basePort + (organisation.number - 1) * STRIDE;
  return {
    peer: first,
    peerChaincode: first + 1,
    peerOperations: first + 2,
    orderer: first + 3,
    ordererAdmin: first + 4,
    ordererOperations: first + 5,
    chaincode: first + 6,
  };
}

/**
 * Checks that the ports of a process that is about to start are free.
 * @throws FabricError `port-taken`, naming the variable
 */
export async function demandFree(process_: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    if (await isFree(port)) continue;
    throw new FabricError(
      'port-taken',
      `port ${port} on ${HOST}, wanted by ${process_}, is in use by another program`,
      `end that program; or, for a new network, set CCT_FABRIC_PORT to the first of ${PORT_SPAN} free ports`,
    );
  }
}

/**
 * The first of {@link PORT_SPAN} ports, at `from` or some spans above it, that nobody listens on at this moment; who takes
 * them must be ready to lose the race.
 * @throws FabricError `port-taken` when there are none
 */
export async function freeSpan(from: number): Promise<number> {
  const end = Math.min(from + PORT_SPAN * SPANS_TO_TRY, 65_536 - PORT_SPAN);
  for (let first = from; first <= end; first += PORT_SPAN) {
    const ports = Array.from({ length: PORT_SPAN }, (_, offset) => first + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new FabricError('port-taken', `no ${PORT_SPAN} free ports together from ${from} on`, 'set CCT_FABRIC_PORT');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
}
