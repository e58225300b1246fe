import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@coldchain/kernel';
import { LedgerError } from '../ledger-error.js';
import { partyCertificate } from './certificate.js';

/** One organisation's signature. */
export interface OrganisationSignature {
  readonly mspid: string;
  /** ECDSA over P-256 with SHA-256, DER, base64. */
  readonly signature: string;
}

/** How many of `count` organisations must sign: what is left when the largest tolerable number of them lies (3 of 4). */
export function quorumOf(count: number): number {
  return count - Math.floor((count - 1) / 3);
}

/** The distinct, known organisations whose signature over `bytes` (with their name appended, if asked) holds. */
export function signersOf(
  bytes: Buffer,
  signatures: readonly OrganisationSignature[],
  publicKeys: ReadonlyMap<string, KeyObject>,
): Set<string> {
  const signers = signatures.filter(({ mspid, signature }) => {
    const key = publicKeys.get(mspid);
    return key !== undefined && verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
  });
  return new Set(signers.map((signer) => signer.mspid));
}

/** The signing keys of all organisations of an embedded ledger, one P-256 key each, in files that only the owner reads. */
export class OrganisationKeys {
  private readonly certificates = new Map<string, string>();

  private constructor(private readonly keys: ReadonlyMap<string, KeyObject>) {}

  /**
   * Reads the keys; a missing one is generated when `create` is set.
   * @throws LedgerError `ledger-keys-unreadable`.
   */
  static async open(
    directory: string,
    organisations: readonly string[],
    create: boolean,
    random: Random,
  ): Promise<OrganisationKeys> {
    if (create) await mkdir(directory, { recursive: true, mode: 0o700 });
    const keys = new Map<string, KeyObject>();
    for (const mspid of organisations) {
      const file = join(directory, `${mspid}.pem`);
      try {
        if (create) await createKey(file, random);
        keys.set(mspid, createPrivateKey(await readFile(file)));
      } catch (cause) {
        throw new LedgerError(
          'ledger-keys-unreadable',
          `the embedded ledger needs the key of ${mspid} in ${file}; restore it, or start with an empty database`,
          { mspid, file },
          { cause },
        );
      }
    }
    return new OrganisationKeys(keys);
  }

  get organisations(): string[] {
    return [...this.keys.keys()];
  }

  /** Public keys as PEM by organisation. */
  publicKeys(): Map<string, string> {
    return new Map(
      [...this.keys].map(([mspid, key]) => [
        mspid,
        createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
      ]),
    );
  }

  /** @throws LedgerError `party-not-served`. */
  certificateOf(party: string): string {
    const known = this.certificates.get(party);
    if (known !== undefined) return known;
    const [mspid = '', commonName = ''] = splitParty(party);
    const key = this.key(mspid);
    const certificate = partyCertificate(commonName, mspid, createPublicKey(key), key);
    this.certificates.set(party, certificate);
    return certificate;
  }

  /** Signs for one organisation. @throws LedgerError `party-not-served`. */
  sign(mspid: string, bytes: Buffer): OrganisationSignature {
    return { mspid, signature: sign('sha256', bytes, this.key(mspid)).toString('base64') };
  }

  /** A quorum of organisations: the named one first, then the others in their order from it on. */
  quorum(first: string): string[] {
    const all = this.organisations;
    const start = Math.max(0, all.indexOf(first));
    return [...all.slice(start), ...all.slice(0, start)].slice(0, quorumOf(all.length));
  }

  private key(mspid: string): KeyObject {
    const key = this.keys.get(mspid);
    if (key === undefined) {
      throw new LedgerError('party-not-served', `no signing key for ${mspid} on this ledger`, { mspid });
    }
    return key;
  }
}

/** MSP id and enrolment name of a party. */
export function splitParty(party: string): readonly [string, string] {
  const colon = party.indexOf(':');
  return [party.slice(0, colon), party.slice(colon + 1)];
}

/** Makes the key where there is none yet: complete under another name first, so that a crash leaves no half file. */
async function createKey(file: string, random: Random): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const draft = `${file}.${random.bytes(8).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
}
