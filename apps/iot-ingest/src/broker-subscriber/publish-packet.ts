import type { TextCache } from '@coldchain/kernel';
import { PacketMalformed } from './packet-splitter.js';

/** PUBLISH with QoS 0 or 1 as a broker sends it. */
export interface PublishPacket {
  readonly topic: string;
  /** A view of the packet's bytes. */
  readonly payload: Buffer;
  /** Null: QoS 0. */
  readonly messageId: number | null;
}

/**
 * Reads a PUBLISH (MQTT 3.1.1 and 5 §3.3) that ends before `end`. Properties of MQTT 5 are passed over: none changes what a
 * message is, and no topic alias may come, because none was allowed.
 * @throws PacketMalformed
 */
export function readPublish(
  bytes: Buffer,
  {
    start,
    body,
    end,
    version,
    topics,
  }: {
    readonly start: number;
    readonly body: number;
    readonly end: number;
    readonly version: '5' | '3.1.1';
    readonly topics: TextCache;
  },
): PublishPacket {
  const qos = ((bytes[start] as number) >> 1) & 3;
  if (qos > 1) throw new PacketMalformed(`PUBLISH with QoS ${qos}`);
  const topicStart = body + 2;
  const topicEnd = topicStart + twoBytes(bytes, body, end);
  let at = topicEnd + (qos === 0 ? 0 : 2);
  const messageId = qos === 0 ? null : twoBytes(bytes, topicEnd, end);
  if (version === '5') at = endOfProperties(bytes, at, end);
  if (at > end || topicEnd === topicStart) throw new PacketMalformed('PUBLISH without a topic or cut short');
  return { topic: topics.of(bytes, topicStart, topicEnd), payload: bytes.subarray(at, end), messageId };
}

function twoBytes(bytes: Buffer, at: number, end: number): number {
  if (at + 2 > end) throw new PacketMalformed('PUBLISH cut short');
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Properties begin with their length as a variable byte integer (MQTT 5 §2.2.2.1). */
function endOfProperties(bytes: Buffer, start: number, end: number): number {
  let length = 0;
  for (let [at, shift] = [start, 0]; at < end && shift < 28; at++, shift += 7) {
    const byte = bytes[at] as number;
    length |= (byte & 127) << shift;
    if (byte < 128) return at + 1 + length;
  }
  throw new PacketMalformed('properties without a length');
}

const LONGEST_HEADER_BYTES = 5;

/** The bytes of a PUBLISH with QoS 1, not retained, without properties. */
export function publishBytes(
  topic: string,
  payload: Buffer,
  { messageId, version }: { readonly messageId: number; readonly version: '5' | '3.1.1' },
): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const properties = version === '5' ? 1 : 0;
  const length = 2 + topicBytes + 2 + properties + payload.length;
  const packet = Buffer.allocUnsafe(LONGEST_HEADER_BYTES + length);
  packet[0] = 0x32;
  let at = 1;
  for (let rest = length; ; rest >>= 7) {
    packet[at++] = rest > 127 ? (rest & 127) | 128 : rest;
    if (rest <= 127) break;
  }
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  at = packet.writeUInt16BE(messageId, at);
  if (properties === 1) packet[at++] = 0;
  at += payload.copy(packet, at);
  return packet.subarray(0, at);
}
