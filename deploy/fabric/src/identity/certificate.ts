import { createHash, createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { der } from '@coldchain/kernel';

const { bits, elements, integer, objectIdentifier, octets, sequence, set, tagged, TAG, time, utf8, yes } = der;

const OID = {
  commonName: '2.5.4.3',
  organisationalUnit: '2.5.4.11',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** Order of the group of P-256 (SEC 2 §2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SCALAR_BYTES = 32;

/** What a certificate says. */
export interface CertificateRequest {
  /** Enrolment name of the party. */
  readonly commonName: string;
  readonly publicKey: KeyObject;
  /** Unique among the authority's certificates; big-endian, positive. */
  readonly serial: Buffer;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An organisation's certificate authority: P-256, because Fabric's software keys are. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/**
 * Issues a certificate for a client (RFC 5280): common name the enrolment name, organisational unit `client`, which is the
 * role that Fabric's NodeOUs read. The signature has the lower of its two values s: Fabric takes no other.
 * @returns PEM
 */
export function issueClientCertificate(request: CertificateRequest, authority: Authority): string {
  const algorithm = sequence(objectIdentifier(OID.ecdsaWithSha256));
  const publicKey = request.publicKey.export({ type: 'spki', format: 'der' });
  const { subject, keyIdentifier } = readAuthority(authority.certificate);
  const body = sequence(
    tagged(0, integer(Buffer.of(2))),
    integer(request.serial),
    algorithm,
    subject,
    sequence(time(request.notBefore), time(request.notAfter)),
    sequence(name(OID.organisationalUnit, 'client'), name(OID.commonName, request.commonName)),
    publicKey,
    tagged(
      3,
      sequence(
        // digitalSignature is the first bit; seven are unused.
        extension(OID.keyUsage, true, bits(Buffer.of(0x80), 7)),
        extension(OID.basicConstraints, true, sequence()),
        extension(
          OID.subjectKeyIdentifier,
          false,
          octets(createHash('sha256').update(publicKey).digest().subarray(0, 20)),
        ),
        extension(OID.authorityKeyIdentifier, false, sequence(taggedKeyIdentifier(keyIdentifier))),
      ),
    ),
  );
  const certificate = sequence(body, algorithm, bits(lowSignature(body, authority.key)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const name = (oid: string, value: string): Buffer => set(sequence(objectIdentifier(oid), utf8(value)));
const extension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [yes()] : []), octets(value));
/** Implicitly tagged [0]. */
const taggedKeyIdentifier = (identifier: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0x80, identifier.length), identifier]);

/** ECDSA with SHA-256 in DER, s in the lower half. */
function lowSignature(bytes: Buffer, key: KeyObject): Buffer {
  const both = sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${both.subarray(SCALAR_BYTES).toString('hex')}`);
  const low = s > P256_ORDER / 2n ? P256_ORDER - s : s;
  const lowBytes = Buffer.from(low.toString(16).padStart(2 * SCALAR_BYTES, '0'), 'hex');
  return sequence(integer(both.subarray(0, SCALAR_BYTES)), integer(lowBytes));
}

/** Subject, byte for byte as it must stand as issuer, and subject key identifier. */
function readAuthority(certificate: X509Certificate): { readonly subject: Buffer; readonly keyIdentifier: Buffer } {
  const [outer] = elements(certificate.raw);
  const [body] = elements(outer?.content ?? Buffer.alloc(0));
  const parts = elements(body?.content ?? Buffer.alloc(0));
  // [0] version, serial, algorithm, issuer, validity, subject, key, [3] extensions.
  const subject = parts[5];
  const extensions = parts.find((part) => part.tag === 0xa3);
  const list = elements(elements(extensions?.content ?? Buffer.alloc(0))[0]?.content ?? Buffer.alloc(0));
  const wanted = objectIdentifier(OID.subjectKeyIdentifier);
  for (const entry of list) {
    const [oid, ...rest] = elements(entry.content);
    const value = rest.find((part) => part.tag === TAG.octets);
    if (oid?.raw.equals(wanted) !== true || value === undefined) continue;
    const [identifier] = elements(value.content);
    if (identifier !== undefined && subject !== undefined)
      return { subject: subject.raw, keyIdentifier: identifier.content };
  }
  throw new RangeError('the certificate of the authority has no subject key identifier');
}

/** Reads an authority and checks that key and certificate belong together. @throws RangeError when they do not */
export function parseAuthority(certificatePem: string, keyPem: string): Authority {
  const certificate = new X509Certificate(certificatePem);
  const key = createPrivateKey(keyPem);
  if (!certificate.checkPrivateKey(key)) throw new RangeError('the key does not belong to the certificate');
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new RangeError('the key is not on P-256');
  return { certificate, key };
}
