import type { TextCache } from '@coldchain/kernel';
import { PacketMalformed } from './packet-splitter.js';
import type { TopicAliases } from './topic-aliases.js';

/** PUBLISH with QoS 0, 1 or 2. */
export interface PublishPacket {
  readonly topic: string;
  /** A view of the packet's bytes. */
  readonly payload: Buffer;
  /** Null: QoS 0. */
  readonly messageId: number | null;
  readonly qos: 0 | 1 | 2;
}

/** What a connection has agreed on for the PUBLISH packets that come. */
export interface PublishRules {
  readonly version: '5' | '3.1.1';
  readonly mostQos: 1 | 2;
  readonly topics: TextCache;
  /** Null: no alias was allowed, so none comes. */
  readonly aliases: TopicAliases | null;
}

/**
 * Reads a PUBLISH (MQTT 3.1.1 and 5 §3.3) that ends before `end`. Other properties of MQTT 5 than a topic alias are passed
 * over: none changes what a message is.
 * @throws PacketMalformed
 */
export function readPublish(
  bytes: Buffer,
  { start, body, end }: { readonly start: number; readonly body: number; readonly end: number },
  { version, mostQos, topics, aliases }: PublishRules,
): PublishPacket {
  const qos = ((bytes[start] as number) >> 1) & 3;
  if (qos > mostQos) throw new PacketMalformed(`PUBLISH with QoS ${qos}`);
  const topicStart = body + 2;
  const topicEnd = topicStart + twoBytes(bytes, body, end);
  const propertiesAt = topicEnd + (qos === 0 ? 0 : 2);
  const messageId = qos === 0 ? null : twoBytes(bytes, topicEnd, end);
  if (messageId === 0) throw new PacketMalformed('PUBLISH with packet id 0');
  const properties = version === '5' ? startOfProperties(bytes, propertiesAt, end) : propertiesAt;
  const at = version === '5' ? properties + lengthOfProperties(bytes, propertiesAt, properties) : propertiesAt;
  if (at > end) throw new PacketMalformed('PUBLISH cut short');
  let topic: string;
  if (aliases !== null && at > properties)
    topic = aliases.topicOf(bytes, { start: properties, end: at }, { topicStart, topicEnd }, topics);
  else if (topicEnd === topicStart) throw new PacketMalformed('PUBLISH without a topic');
  else topic = topics.of(bytes, topicStart, topicEnd);
  return { topic, payload: bytes.subarray(at, end), messageId, qos: qos as 0 | 1 | 2 };
}

function twoBytes(bytes: Buffer, at: number, end: number): number {
  if (at + 2 > end) throw new PacketMalformed('PUBLISH cut short');
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Properties begin with their length as a variable byte integer (MQTT 5 §2.2.2.1). */
function startOfProperties(bytes: Buffer, start: number, end: number): number {
  for (let at = start; at < end && at < start + 4; at++) if ((bytes[at] as number) < 128) return at + 1;
  throw new PacketMalformed('properties without a length');
}

function lengthOfProperties(bytes: Buffer, start: number, end: number): number {
  let length = 0;
  for (let [at, shift] = [start, 0]; at < end; at++, shift += 7) length |= ((bytes[at] as number) & 127) << shift;
  return length;
}

const LONGEST_HEADER_BYTES = 5;

/** The bytes of a PUBLISH, not retained, without properties; with QoS 1, or without a packet id with QoS 0. */
export function publishBytes(
  topic: string,
  payload: Buffer,
  { messageId, version }: { readonly messageId: number | null; readonly version: '5' | '3.1.1' },
): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const properties = version === '5' ? 1 : 0;
  const length = 2 + topicBytes + (messageId === null ? 0 : 2) + properties + payload.length;
  const packet = Buffer.allocUnsafe(LONGEST_HEADER_BYTES + length);
  packet[0] = messageId === null ? 0x30 : 0x32;
  let at = 1;
  for (let rest = length; ; rest >>= 7) {
    packet[at++] = rest > 127 ? (rest & 127) | 128 : rest;
    if (rest <= 127) break;
  }
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  if (messageId !== null) at = packet.writeUInt16BE(messageId, at);
  if (properties === 1) packet[at++] = 0;
  at += payload.copy(packet, at);
  return packet.subarray(0, at);
}
