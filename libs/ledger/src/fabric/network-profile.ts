import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LedgerError } from '../ledger-error.js';

/** One organisation's peer as a client reaches it. */
export interface PeerEndpoint {
  readonly mspid: string;
  /** `host:port` */
  readonly address: string;
  /** PEM of the authority of its TLS certificate. */
  readonly tlsAuthority: Buffer;
}

/** What a client knows of the network. */
export interface NetworkProfile {
  readonly channel: string;
  readonly chaincode: string;
  /** Organisations that must endorse a transaction. */
  readonly endorsements: number;
  /** Header hash of the block 0 that is believed, 64 hex digits; a chain that begins with another is refused. */
  readonly genesis: string;
  readonly peers: readonly PeerEndpoint[];
  /** Folder of the identities: `<MSP id>/<enrolment name>/msp`. */
  readonly identities: string;
}

/**
 * Reads `network.json` of a network's folder, as `deploy/fabric` writes it. Paths in it are relative to the folder.
 * @throws LedgerError `ledger-keys-unreadable`
 */
export async function readNetworkProfile(folder: string): Promise<NetworkProfile> {
  const file = join(folder, 'network.json');
  try {
    const document: unknown = JSON.parse(await readFile(file, 'utf8'));
    const root = dirname(resolve(file));
    const peers = await Promise.all(
      list(document, 'organisations').map(async (organisation) => {
        const peer = field(organisation, 'peer');
        return {
          mspid: text(organisation, 'mspid'),
          address: text(peer, 'address'),
          tlsAuthority: await readFile(resolve(root, text(peer, 'tlsAuthority'))),
        };
      }),
    );
    const endorsements = field(document, 'endorsements');
    if (typeof endorsements !== 'number' || endorsements < 1 || endorsements > peers.length)
      throw new TypeError('endorsements is not a number of organisations');
    const genesis = text(document, 'genesis');
    if (!/^[0-9a-f]{64}$/.test(genesis)) throw new TypeError('genesis is not a hash');
    return {
      channel: text(document, 'channel'),
      genesis,
      chaincode: text(document, 'chaincode'),
      endorsements,
      peers,
      identities: resolve(root, text(document, 'identities')),
    };
  } catch (cause) {
    throw new LedgerError(
      'ledger-keys-unreadable',
      `the Fabric network is not described in ${file}; make it with \`npm run fabric -- up\``,
      { file },
      { cause },
    );
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
    throw new TypeError(`${name} is missing`);
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function text(value: unknown, name: string): string {
  const found = field(value, name);
  if (typeof found !== 'string' || found === '') throw new TypeError(`${name} is not text`);
  return found;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  if (!Array.isArray(found) || found.length === 0) throw new TypeError(`${name} is not a list`);
  return found;
}
