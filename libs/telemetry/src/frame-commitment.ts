import { createHash, createHmac } from 'node:crypto';

/** What identifies a frame: the topic that it came by, and its number. */
export interface FrameName {
  /** Short name of the organisation in the topic. */
  readonly organisation: string;
  readonly gateway: string;
  readonly boot: string;
  readonly sequence: number;
}

/** The name as bytes: each text behind its length in bytes (16 bits), then the number (64 bits), big-endian. */
function nameBytes({ organisation, gateway, boot, sequence }: FrameName): Buffer {
  const parts: Buffer[] = [];
  for (const text of [organisation, gateway, boot]) {
    const bytes = Buffer.from(text, 'utf8');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    parts.push(length, bytes);
  }
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(sequence));
  return Buffer.concat([...parts, number]);
}

/**
 * The salt of one frame: HMAC-SHA256(log secret, "cct-frame-salt-v1" ‖ name), 32 bytes. A proof shows the leaves beside
 * its own; of a single reading at a known minute there are so few that without a salt they could be tried out.
 */
export function frameSalt(secret: Uint8Array, name: FrameName): Buffer {
  return createHmac('sha256', secret).update('cct-frame-salt-v1').update(nameBytes(name)).digest();
}

/**
 * What a telemetry tree has as its entry for a frame: SHA-256("cct-frame-v1" ‖ salt (32 bytes) ‖ name ‖ SHA-256 of the
 * received bytes (32 raw bytes)). It binds organisation, gateway, boot and number to the bytes.
 */
export function frameCommitment(salt: Uint8Array, name: FrameName, sha256: Uint8Array): Buffer {
  return createHash('sha256').update('cct-frame-v1').update(salt).update(nameBytes(name)).update(sha256).digest();
}
