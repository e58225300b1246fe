import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Clock, type Random } from '@coldchain/kernel';
import { FabricError } from '../fabric-error.js';
import type { Layout } from '../layout.js';
import type { Organisation } from '../organisations.js';
import { type Authority, issueClientCertificate, parseAuthority } from './certificate.js';
import type { PartyName } from './party-name.js';

const DAY_MS = 86_400_000;
const VALID_DAYS = 365;
/** With less than this left it is renewed, with the same key. */
const RENEW_DAYS = 30;
/** Clocks of nodes may be behind ours. */
const BACKDATED_MS = 300_000;

/** An identity of a party, ready for use. */
export interface Identity {
  readonly party: string;
  /** A folder in the form that Fabric calls an MSP: `signcerts/cert.pem`, `keystore/key.pem`, `cacerts`, `config.yaml`. */
  readonly msp: string;
  readonly expiresAt: Date;
  readonly issued: boolean;
}

/**
 * The party's identity, issued with the key of its organisation's authority where there is none yet or the present one
 * ends soon. An identity that somebody else issued into the same place is used as it is for as long as it is valid.
 * @throws FabricError `authority-unusable`
 */
export function ensureIdentity(name: PartyName, layout: Layout, clock: Clock, random: Random): Identity {
  const msp = join(layout.identities, name.organisation.mspid, name.enrolment, 'msp');
  const present = readCertificate(msp);
  const now = clock.now();
  if (present !== null && Date.parse(present.validTo) > now + RENEW_DAYS * DAY_MS)
    return { party: name.party, msp, expiresAt: new Date(present.validTo), issued: false };
  const authority = readAuthority(name.organisation, layout);
  const key = present === null ? newKey() : readFileSync(join(msp, 'keystore', 'key.pem'), 'utf8');
  const notAfter = new Date(Math.min(now + VALID_DAYS * DAY_MS, Date.parse(authority.certificate.validTo)));
  // Fabric checks the chain as of one second after the certificate's beginning: the authority's must lie before it.
  const notBefore = new Date(Math.max(now - BACKDATED_MS, Date.parse(authority.certificate.validFrom)));
  const serial = random.bytes(16);
  const certificate = issueClientCertificate(
    {
      commonName: name.enrolment,
      publicKey: createPublicKey(createPrivateKey(key)),
      // Positive and never zero.
      serial: Buffer.concat([Buffer.of(1), serial]),
      notBefore,
      notAfter,
    },
    authority,
  );
  write(msp, layout.peerOrganisationMsp(name.organisation), certificate, key);
  return { party: name.party, msp, expiresAt: notAfter, issued: true };
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function readCertificate(msp: string): X509Certificate | null {
  const file = join(msp, 'signcerts', 'cert.pem');
  return existsSync(file) ? new X509Certificate(readFileSync(file)) : null;
}

function readAuthority(organisation: Organisation, layout: Layout): Authority {
  const folder = layout.authority(organisation);
  try {
    const files = readdirSync(folder);
    const certificate = files.find((file) => file.endsWith('-cert.pem'));
    const key = files.find((file) => file.endsWith('_sk'));
    if (certificate === undefined || key === undefined) throw new RangeError('*-cert.pem or *_sk is missing');
    return parseAuthority(readFileSync(join(folder, certificate), 'utf8'), readFileSync(join(folder, key), 'utf8'));
  } catch (cause) {
    throw new FabricError(
      'authority-unusable',
      `the authority of ${organisation.mspid} in ${folder} cannot issue: ${cause instanceof Error ? cause.message : ''}`,
      'run `npm run fabric -- up` first; where the authority is elsewhere, put the identity that it issued into ' +
        `${join(layout.identities, organisation.mspid, '<enrolment name>', 'msp')}`,
      { cause },
    );
  }
}

/** Complete under another name first, so that nobody reads half an identity. */
function write(msp: string, organisationMsp: string, certificate: string, key: string): void {
  const draft = `${msp}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  for (const part of ['cacerts', 'tlscacerts', 'config.yaml'])
    cpSync(join(organisationMsp, part), join(draft, part), { recursive: true });
  for (const part of ['signcerts', 'keystore']) mkdirSync(join(draft, part), { mode: 0o700 });
  writeFileSync(join(draft, 'signcerts', 'cert.pem'), certificate);
  writeFileSync(join(draft, 'keystore', 'key.pem'), key, { mode: 0o600 });
  chmodSync(draft, 0o700);
  rmSync(msp, { recursive: true, force: true });
  renameSync(draft, msp);
}
