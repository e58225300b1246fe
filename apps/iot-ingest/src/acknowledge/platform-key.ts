import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * The key that this process signs acknowledgements and commands with (Ed25519), so that a gateway behind a broker knows
 * who tells it to forget a frame. `kid`: 16 hexadecimal digits of the SHA-256 of the public key (SPKI).
 */
export class PlatformKey {
  readonly kid: string;

  constructor(private readonly key: KeyObject) {
    const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
    this.kid = createHash('sha256').update(spki).digest('hex').slice(0, 16);
  }

  /** The key of a PEM file, which is made where there is none; beside it `.pub` holds the public key for gateways. */
  static ofFile(path: string): PlatformKey {
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      const { privateKey, publicKey } = generateKeyPairSync('ed25519');
      writeFileSync(`${path}.pub`, publicKey.export({ format: 'pem', type: 'spki' }));
      writeFileSync(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
      chmodSync(path, 0o600);
    }
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`${path} is not an Ed25519 key`);
    return new PlatformKey(key);
  }

  /** The content as JSON with `kid` and, last, `sig`: signed are the exact bytes before `,"sig":` (interfaces §3). */
  signed(content: object): Buffer {
    const body = Buffer.from(JSON.stringify({ ...content, kid: this.kid }).slice(0, -1), 'utf8');
    const signature = sign(null, body, this.key).toString('base64url');
    return Buffer.concat([body, Buffer.from(`,"sig":"${signature}"}`, 'latin1')]);
  }
}
