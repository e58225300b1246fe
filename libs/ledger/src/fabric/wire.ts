/** One field of a message: a number, or bytes. */
interface WireField {
  readonly number: number;
  readonly value: number | Buffer;
}

/**
 * Fields of a protocol buffer in their order, for the messages that `@hyperledger/fabric-protos` does not have yet
 * (those of the SmartBFT orderer). Only varints up to 2^53 and byte strings occur in them.
 * @throws RangeError when the bytes are not such a message
 */
function wireFields(bytes: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('the message is cut off');
      value += (byte & 0x7f) * factor;
      if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large');
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (tag % 8 === 0) {
      fields.push({ number, value: varint() });
    } else if (tag % 8 === 2) {
      const length = varint();
      if (at + length > bytes.length) throw new RangeError('the message is cut off');
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else {
      throw new RangeError(`a field has the unknown wire type ${tag % 8}`);
    }
  }
  return fields;
}

/** A byte string as a field of a message. */
export function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const groups = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) groups.push((left & 0x7f) | 0x80);
  return Buffer.of(...groups, left);
}

/** All byte strings of a field. @throws RangeError */
export const bytesOf = (message: Buffer, number: number): Buffer[] =>
  wireFields(message).flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );

/** The number in a field; 0 when it is absent, as is protocol buffers' way. @throws RangeError */
export const numberOf = (message: Buffer, number: number): number =>
  wireFields(message).reduce(
    (found, field) => (field.number === number && typeof field.value === 'number' ? field.value : found),
    0,
  );
