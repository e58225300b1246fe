import { createHash, randomBytes } from 'node:crypto';

/** Where secrets, salts and identifiers come from. A port, so that a seeded run repeats. */
export abstract class Random {
  /** `length` random bytes. */
  abstract bytes(length: number): Buffer;

  /** A version 4 UUID (RFC 9562 §5.4) made from this source. */
  uuid(): string {
    const raw = this.bytes(16);
    raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40;
    raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80;
    const hex = raw.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** A number in [0, 1) with 32 bits of resolution. */
  unit(): number {
    return this.bytes(4).readUInt32BE(0) / 0x1_0000_0000;
  }
}

/** The operating system's cryptographic source. The only one for secrets. */
export class SystemRandom extends Random {
  bytes(length: number): Buffer {
    return randomBytes(length);
  }
}

/** SHA-256 in counter mode over a seed: repeatable, for simulations and tests, never for secrets. */
export class SeededRandom extends Random {
  private counter = 0;
  private pool = Buffer.alloc(0);

  constructor(private readonly seed: string) {
    super();
  }

  bytes(length: number): Buffer {
    while (this.pool.length < length) {
      const block = createHash('sha256').update(`${this.seed}:${this.counter++}`).digest();
      this.pool = Buffer.concat([this.pool, block]);
    }
    const taken = Buffer.from(this.pool.subarray(0, length));
    this.pool = this.pool.subarray(length);
    return taken;
  }
}
