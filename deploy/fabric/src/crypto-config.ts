import { HOST } from './ports.js';
import type { Organisation } from './organisations.js';

/** Names under which a node is reached: its certificate must carry them. */
const ADDRESSES = ['localhost', HOST];

/**
 * What cryptogen is asked for. JSON, because every JSON text is YAML and needs no writer of its own. The host `chaincode`
 * of each organisation exists for its TLS certificate only.
 */
export function renderCryptoConfig(organisations: readonly Organisation[]): string {
  const host = (name: string): object => ({ Hostname: name, SANS: ADDRESSES });
  return json({
    OrdererOrgs: organisations.map(({ ordererMspid, ordererDomain }) => ({
      Name: ordererMspid,
      Domain: ordererDomain,
      EnableNodeOUs: true,
      Specs: [host('orderer0')],
    })),
    PeerOrgs: organisations.map(({ mspid, peerDomain }) => ({
      Name: mspid,
      Domain: peerDomain,
      EnableNodeOUs: true,
      Specs: [host('peer0'), host('chaincode')],
      Users: { Count: 0 },
    })),
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
