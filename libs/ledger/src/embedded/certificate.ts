import { type KeyObject, sign } from 'node:crypto';
import { der } from '@coldchain/kernel';

const { bits, integer, objectIdentifier, sequence, set, tagged, time, utf8 } = der;

const COMMON_NAME = '2.5.4.3';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
const name = (common: string): Buffer => sequence(set(sequence(objectIdentifier(COMMON_NAME), utf8(common))));

/**
 * A certificate (RFC 5280 §4.1) that names a party under its organisation, so that the contract reads its caller from a
 * certificate as it does on Fabric. It is good for the embedded ledger and for nothing else: no extensions, a fixed
 * period, and the organisation's one key for all of its parties.
 * @returns PEM
 */
export function partyCertificate(
  commonName: string,
  organisation: string,
  publicKey: KeyObject,
  issuer: KeyObject,
): string {
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const body = sequence(
    tagged(0, integer(2)),
    integer(1),
    algorithm,
    name(`embedded ledger of ${organisation}`),
    sequence(time(new Date(Date.UTC(2020, 0, 1))), time(new Date(Date.UTC(2049, 11, 31, 23, 59, 59)))),
    name(commonName),
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, issuer)));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
