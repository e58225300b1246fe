import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { der } from '@coldchain/kernel';

const { bits, integer, objectIdentifier, octets, sequence, set, tagged, time, utf8, yes } = der;

const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const COMMON_NAME = '2.5.4.3';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
/** Context tags of a general name (RFC 5280 §4.2.1.6). */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** A certificate and its private key, PEM. */
export interface Credential {
  readonly certificate: string;
  readonly key: string;
}

/** For whom and for how long a server's certificate holds. */
export interface ServerRequest {
  /** DNS name, or IPv4 address. */
  readonly host: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** An authority of a spec (RFC 5280, P-256): nobody trusts it who is not told to. */
export class SpecAuthority {
  private readonly name: Buffer;
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** Its own certificate, PEM. */
  readonly certificate: string;

  constructor(commonName: string, notBefore: Date, notAfter: Date) {
    this.name = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8(commonName))));
    const { publicKey } = this.keys;
    const constraints = sequence(objectIdentifier(BASIC_CONSTRAINTS), yes(), octets(sequence(yes())));
    this.certificate = this.sign(this.name, publicKey, { notBefore, notAfter }, [constraints]);
  }

  /** Certifies a new key of a server. */
  issue({ host, notBefore, notAfter }: ServerRequest): Credential {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const subject = sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8(host))));
    const names = sequence(objectIdentifier(SUBJECT_ALTERNATIVE_NAME), octets(sequence(generalName(host))));
    return {
      certificate: this.sign(subject, publicKey, { notBefore, notAfter }, [names]),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  private sign(
    subject: Buffer,
    publicKey: KeyObject,
    { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
    extensions: readonly Buffer[],
  ): string {
    const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    const identifier = octets(octets(createHash('sha256').update(spki).digest().subarray(0, 20)));
    const body = sequence(
      tagged(0, integer(Buffer.of(2))),
      integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
      algorithm,
      this.name,
      sequence(time(notBefore), time(notAfter)),
      subject,
      spki,
      tagged(3, sequence(sequence(objectIdentifier(SUBJECT_KEY_IDENTIFIER), identifier), ...extensions)),
    );
    const certificate = sequence(body, algorithm, bits(sign('sha256', body, this.keys.privateKey)));
    const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  }
}

function generalName(host: string): Buffer {
  const bytes = isIP(host) === 4 ? Buffer.from(host.split('.').map(Number)) : Buffer.from(host, 'latin1');
  return Buffer.concat([Buffer.of(isIP(host) === 4 ? IP_ADDRESS : DNS_NAME, bytes.length), bytes]);
}
