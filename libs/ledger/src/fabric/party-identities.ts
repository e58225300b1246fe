import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PartyId } from '@coldchain/chaincode/protocol';
import type { Clock } from '@coldchain/kernel';
import { LedgerError } from '../ledger-error.js';

/** With what a party signs. */
export interface PartyIdentity {
  readonly mspid: string;
  /** PEM */
  readonly certificate: Buffer;
  readonly key: KeyObject;
  /** ms */
  readonly expiresAt: number;
}

/** `MSP id:enrolment name`; nothing that could leave the folder. */
const PARTY = /^([A-Za-z0-9]+):([A-Za-z0-9][A-Za-z0-9._@-]{0,63})$/;

/** The identities in a folder, `<MSP id>/<enrolment name>/msp/{signcerts/cert.pem,keystore/key.pem}`; each read once. */
export class PartyIdentities {
  private readonly known = new Map<PartyId, PartyIdentity>();

  constructor(
    private readonly folder: string,
    private readonly clock: Clock,
  ) {}

  /** @throws LedgerError `party-not-served`, `ledger-keys-unreadable`. */
  async of(party: PartyId): Promise<PartyIdentity> {
    const known = this.known.get(party);
    if (known !== undefined && known.expiresAt > this.clock.now()) return known;
    const [, mspid, enrolment] = PARTY.exec(party) ?? [];
    const notServed = new LedgerError('party-not-served', `no identity of ${party} in ${this.folder}`, { party });
    if (mspid === undefined || enrolment === undefined) throw notServed;
    const msp = join(this.folder, mspid, enrolment, 'msp');
    try {
      const certificate = await readFile(join(msp, 'signcerts', 'cert.pem'));
      const parsed = new X509Certificate(certificate);
      const key = createPrivateKey(await readFile(join(msp, 'keystore', 'key.pem')));
      if (!parsed.checkPrivateKey(key)) throw new TypeError('the key is not that of the certificate');
      const identity = { mspid, certificate, key, expiresAt: Date.parse(parsed.validTo) };
      this.known.set(party, identity);
      return identity;
    } catch (cause) {
      if (isMissing(cause)) throw notServed;
      throw new LedgerError('ledger-keys-unreadable', `the identity of ${party} in ${msp}`, { party }, { cause });
    }
  }
}

const isMissing = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
