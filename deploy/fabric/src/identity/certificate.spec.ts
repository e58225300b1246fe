import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { der } from '@coldchain/kernel';
import { type Authority, issueClientCertificate, parseAuthority } from './certificate.js';
import { parseParty } from './party-name.js';

const HALF = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
const newKey = (curve = 'P-256') => generateKeyPairSync('ec', { namedCurve: curve });
const { bits, elements, integer, objectIdentifier, octets, sequence, set, tagged, time, utf8, yes } = der;
const pem = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;
const keyPem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A self-signed authority as cryptogen makes one: with a subject key identifier. */
function authority(): { readonly certificate: string; readonly key: KeyObject } {
  const { publicKey, privateKey } = newKey();
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const name = sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8('ca.pharmacy.example'))));
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'));
  const identifier = octets(octets(createHash('sha256').update(spki).digest()));
  const body = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(Buffer.of(7)),
    algorithm,
    name,
    sequence(time(new Date('2026-01-01T00:00:00Z')), time(new Date('2056-01-01T00:00:00Z'))),
    name,
    spki,
    tagged(
      3,
      sequence(
        sequence(objectIdentifier('2.5.29.19'), yes(), octets(sequence(yes()))),
        sequence(objectIdentifier('2.5.29.14'), identifier),
      ),
    ),
  );
  const certificate = pem(sequence(body, algorithm, bits(sign('sha256', body, privateKey))));
  return { certificate, key: privateKey };
}

const root = authority();
const issuer: Authority = parseAuthority(root.certificate, keyPem(root.key));

function issue(commonName: string, publicKey: KeyObject): X509Certificate {
  const request = {
    commonName,
    publicKey,
    serial: Buffer.concat([Buffer.of(1), randomBytes(16)]),
    notBefore: new Date('2026-11-20T10:00:00Z'),
    notAfter: new Date('2050-02-03T04:05:06Z'),
  };
  return new X509Certificate(issueClientCertificate(request, issuer));
}

describe('a certificate of a party', () => {
  const { publicKey, privateKey } = newKey();
  const certificate = issue('pharmacy-north', publicKey);

  it('has the enrolment name as its one common name and the role client', () => {
    expect(certificate.subject.split('\n').sort()).toEqual(['CN=pharmacy-north', 'OU=client']);
    expect(certificate.ca).toBe(false);
  });

  it('is signed by the authority and belongs to its key', () => {
    expect(certificate.checkIssued(issuer.certificate)).toBe(true);
    expect(certificate.verify(issuer.certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
  });

  it('holds from the one to the other instant, also beyond 2049', () => {
    expect(new Date(certificate.validFrom).toISOString()).toBe('2026-11-20T10:00:00.000Z');
    expect(new Date(certificate.validTo).toISOString()).toBe('2050-02-03T04:05:06.000Z');
  });

  it('always has the lower s, because Fabric refuses the higher one', () => {
    for (let round = 0; round < 60; round++) {
      const [whole] = elements(issue('p', publicKey).raw);
      const signature = elements(whole!.content)[2]!;
      const [inner] = elements(signature.content.subarray(1));
      const s = elements(inner!.content)[1]!;
      expect(BigInt(`0x${s.content.toString('hex')}`)).toBeLessThanOrEqual(HALF);
    }
  });
});

describe('an authority', () => {
  it('is refused when key and certificate differ or the key is on another curve', () => {
    expect(() => parseAuthority(root.certificate, keyPem(newKey().privateKey))).toThrow(RangeError);
    expect(() => parseAuthority(root.certificate, keyPem(newKey('P-384').privateKey))).toThrow(RangeError);
  });
});

describe('parseParty', () => {
  it('takes MSP id and enrolment name apart', () => {
    expect(parseParty('PharmacyMSP:pharmacy-north')).toMatchObject({
      enrolment: 'pharmacy-north',
      organisation: { mspid: 'PharmacyMSP' },
    });
  });

  it.each(['pharmacy-north', 'UnknownMSP:x', 'PharmacyMSP:', 'PharmacyMSP:../x', 'PharmacyMSP:.x', 'PharmacyMSP:a/b'])(
    'refuses %j',
    (text) => expect(() => parseParty(text)).toThrow(expect.objectContaining({ code: 'party-invalid' })),
  );
});
