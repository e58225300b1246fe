import { join } from 'node:path';
import type { Organisation } from './organisations.js';

/** Certificate and key of one TLS endpoint, and the authority of its own organisation. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** Where everything of one network lies. Paths only: nothing is read or written here. */
export class Layout {
  constructor(readonly root: string) {}

  /** What was decided when the network was made. */
  get networkFile(): string {
    return join(this.root, 'network.json');
  }
  /** Which chaincode the servers run. */
  get chaincodeFile(): string {
    return join(this.root, 'chaincode.json');
  }
  get lockFile(): string {
    return join(this.root, 'lock');
  }
  get config(): string {
    return join(this.root, 'config');
  }
  /** Key material in cryptogen's tree; put there beforehand, it is used as it is. */
  get crypto(): string {
    return join(this.root, 'crypto');
  }
  get genesisBlock(): string {
    return join(this.root, 'config', 'genesis.block');
  }
  get run(): string {
    return join(this.root, 'run');
  }
  /** The process that the network ends with. */
  get chargeFile(): string {
    return join(this.root, 'run', 'charge');
  }
  get logs(): string {
    return join(this.root, 'logs');
  }
  /** Identities of parties: `<MSP id>/<enrolment name>/msp`. */
  get identities(): string {
    return join(this.root, 'identities');
  }

  peerData(organisation: Organisation): string {
    return join(this.root, 'peers', organisation.slug);
  }
  ordererData(organisation: Organisation): string {
    return join(this.root, 'orderers', organisation.slug);
  }
  connectionFile(organisation: Organisation): string {
    return join(this.config, `connection-${organisation.slug}.json`);
  }
  chaincodeFolder(digest: string): string {
    return join(this.root, 'chaincode', digest);
  }

  private peerOrganisation({ peerDomain }: Organisation): string {
    return join(this.crypto, 'peerOrganizations', peerDomain);
  }
  private ordererOrganisation({ ordererDomain }: Organisation): string {
    return join(this.crypto, 'ordererOrganizations', ordererDomain);
  }
  peerOrganisationMsp(organisation: Organisation): string {
    return join(this.peerOrganisation(organisation), 'msp');
  }
  ordererOrganisationMsp(organisation: Organisation): string {
    return join(this.ordererOrganisation(organisation), 'msp');
  }
  /** Folder of the authority that signs identities: one certificate and, when it is ours to use, its key. */
  authority(organisation: Organisation): string {
    return join(this.peerOrganisation(organisation), 'ca');
  }
  peerMsp(organisation: Organisation): string {
    return join(this.peerOrganisation(organisation), 'peers', `peer0.${organisation.peerDomain}`, 'msp');
  }
  ordererMsp(organisation: Organisation): string {
    return join(this.ordererOrganisation(organisation), 'orderers', `orderer0.${organisation.ordererDomain}`, 'msp');
  }
  ordererEnrolment(organisation: Organisation): string {
    return join(this.ordererMsp(organisation), 'signcerts', `orderer0.${organisation.ordererDomain}-cert.pem`);
  }
  adminMsp(organisation: Organisation): string {
    return join(this.peerOrganisation(organisation), 'users', `Admin@${organisation.peerDomain}`, 'msp');
  }
  peerTls(organisation: Organisation): TlsFiles {
    return tlsFiles(join(this.peerOrganisation(organisation), 'peers', `peer0.${organisation.peerDomain}`), 'server');
  }
  chaincodeTls(organisation: Organisation): TlsFiles {
    const host = join(this.peerOrganisation(organisation), 'peers', `chaincode.${organisation.peerDomain}`);
    return tlsFiles(host, 'server');
  }
  ordererTls(organisation: Organisation): TlsFiles {
    const host = join(this.ordererOrganisation(organisation), 'orderers', `orderer0.${organisation.ordererDomain}`);
    return tlsFiles(host, 'server');
  }
  peerAdminTls(organisation: Organisation): TlsFiles {
    const user = join(this.peerOrganisation(organisation), 'users', `Admin@${organisation.peerDomain}`);
    return tlsFiles(user, 'client');
  }
  ordererAdminTls(organisation: Organisation): TlsFiles {
    const user = join(this.ordererOrganisation(organisation), 'users', `Admin@${organisation.ordererDomain}`);
    return tlsFiles(user, 'client');
  }
}

const tlsFiles = (folder: string, role: 'server' | 'client'): TlsFiles => ({
  certificate: join(folder, 'tls', `${role}.crt`),
  key: join(folder, 'tls', `${role}.key`),
  authority: join(folder, 'tls', 'ca.crt'),
});
