/** A tag and what it stands before (RFC 8949 §3.4). */
export class CborTag {
  constructor(
    readonly tag: number,
    readonly content: CborValue,
  ) {}
}

/** What one CBOR item says; maps keep their keys' types. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Buffer
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>
  | CborTag;

/** Why bytes are not one well-formed and valid item within the limits; `at`: offset of the byte. */
export class CborInvalid extends Error {
  constructor(
    readonly problem:
      'ends-early' | 'trailing-bytes' | 'too-deep' | 'reserved' | 'number-too-large' | 'text-invalid' | 'key-repeated',
    readonly at: number,
  ) {
    super(`${problem} at ${at}`);
  }
}

/** Levels of arrays, maps and tags; SenML in COSE_Sign1 needs five. */
const DEEPEST = 8;
const INDEFINITE = -1;
const BREAK = Symbol('break');
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads exactly one CBOR item (RFC 8949). Integers beyond 2^53, depths beyond eight and repeated keys are refused; no
 * length that the bytes announce is believed before the bytes are there, so memory is bounded by the input's size.
 * @throws CborInvalid
 */
export function readCbor(bytes: Buffer): CborValue {
  const reader = new CborReader(bytes);
  const value = reader.item(0);
  reader.end();
  return value;
}

class CborReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  end(): void {
    if (this.at !== this.bytes.length) this.fail('trailing-bytes');
  }

  item(depth: number): CborValue {
    const value = this.itemOrBreak(depth);
    return value === BREAK ? this.fail('reserved') : value;
  }

  private itemOrBreak(depth: number): CborValue | typeof BREAK {
    if (depth > DEEPEST) this.fail('too-deep');
    const initial = this.byte();
    const major = initial >> 5;
    const information = initial & 31;
    if (major === 7) return this.simple(information);
    const argument = information === 31 ? INDEFINITE : this.argument(information);
    switch (major) {
      case 0:
        return this.definite(argument);
      case 1:
        return -1 - this.definite(argument);
      case 2:
        return argument === INDEFINITE ? Buffer.concat(this.chunks(2)) : this.take(argument);
      case 3:
        return argument === INDEFINITE
          ? this.chunks(3)
              .map((chunk) => this.text(chunk))
              .join('')
          : this.text(this.take(argument));
      case 4:
        return this.array(argument, depth);
      case 5:
        return this.map(argument, depth);
      default:
        return new CborTag(this.definite(argument), this.item(depth + 1));
    }
  }

  private array(length: number, depth: number): CborValue[] {
    const items: CborValue[] = [];
    while (length === INDEFINITE || items.length < length) {
      const value = this.itemOrBreak(depth + 1);
      if (value === BREAK) {
        if (length === INDEFINITE) break;
        this.fail('reserved');
      }
      items.push(value);
    }
    return items;
  }

  private map(length: number, depth: number): Map<CborValue, CborValue> {
    const map = new Map<CborValue, CborValue>();
    while (length === INDEFINITE || map.size < length) {
      const key = this.itemOrBreak(depth + 1);
      if (key === BREAK) {
        if (length === INDEFINITE) break;
        this.fail('reserved');
      }
      if (map.has(key)) this.fail('key-repeated');
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  private simple(information: number): CborValue | typeof BREAK {
    switch (information) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
        return null;
      case 23:
        return undefined;
      case 25:
        return halfFloat(this.take(2).readUInt16BE());
      case 26:
        return this.take(4).readFloatBE();
      case 27:
        return this.take(8).readDoubleBE();
      case 31:
        return BREAK;
      default:
        return this.fail('reserved');
    }
  }

  /** The number behind an initial byte (RFC 8949 §3). */
  private argument(information: number): number {
    if (information < 24) return information;
    switch (information) {
      case 24:
        return this.byte();
      case 25:
        return this.take(2).readUInt16BE();
      case 26:
        return this.take(4).readUInt32BE();
      case 27: {
        const value = this.take(8).readBigUInt64BE();
        return value > BigInt(Number.MAX_SAFE_INTEGER) ? this.fail('number-too-large') : Number(value);
      }
      default:
        return this.fail('reserved');
    }
  }

  private definite(argument: number): number {
    return argument === INDEFINITE ? this.fail('reserved') : argument;
  }

  /** Pieces of a string of indefinite length: definite ones of the same kind up to the break. */
  private chunks(major: number): Buffer[] {
    const chunks: Buffer[] = [];
    for (let initial = this.byte(); initial !== 0xff; initial = this.byte()) {
      if (initial >> 5 !== major || (initial & 31) === 31) this.fail('reserved');
      chunks.push(this.take(this.argument(initial & 31)));
    }
    return chunks;
  }

  private text(bytes: Buffer): string {
    try {
      return utf8.decode(bytes);
    } catch {
      return this.fail('text-invalid');
    }
  }

  private byte(): number {
    return this.bytes[this.at++] ?? this.fail('ends-early');
  }

  private take(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) this.fail('ends-early');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  private fail(problem: CborInvalid['problem']): never {
    throw new CborInvalid(problem, this.at);
  }
}

/** RFC 8949 appendix D. */
function halfFloat(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (mantissa + 1024) * 2 ** (exponent - 25);
}
