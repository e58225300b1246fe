import type { TextCache } from '@coldchain/kernel';
import { PacketMalformed } from './packet-splitter.js';

/** Topic alias among the properties of a PUBLISH (MQTT 5 §3.3.2.3). */
const TOPIC_ALIAS = 0x23;

/** How the values of the properties that a PUBLISH may have are laid out (MQTT 5 §2.2.2.2). */
const LAYOUT: Readonly<Record<number, 'byte' | 'two-bytes' | 'four-bytes' | 'text' | 'two-texts' | 'number'>> = {
  0x01: 'byte',
  0x02: 'four-bytes',
  0x03: 'text',
  0x08: 'text',
  0x09: 'text',
  0x0b: 'number',
  [TOPIC_ALIAS]: 'two-bytes',
  0x26: 'two-texts',
};

/** Names that a sender gave to topics of its connection (MQTT 5 §3.3.2.3.4). */
export class TopicAliases {
  private readonly topics: string[] = [];

  /** `most`: the topic alias maximum that the sender was told. */
  constructor(private readonly most: number) {}

  /**
   * The topic of a PUBLISH whose properties stand from `start` to before `end` and whose topic's bytes stand from `topicStart`
   * to before `topicEnd`; none of the latter: the one that the alias stands for.
   * @throws PacketMalformed
   */
  topicOf(
    bytes: Buffer,
    { start, end }: { readonly start: number; readonly end: number },
    { topicStart, topicEnd }: { readonly topicStart: number; readonly topicEnd: number },
    texts: TextCache,
  ): string {
    const alias = aliasOf(bytes, start, end);
    const isNamed = topicEnd > topicStart;
    const topic = isNamed ? texts.of(bytes, topicStart, topicEnd) : this.topics[alias ?? 0];
    if (topic === undefined) throw new PacketMalformed('PUBLISH without a topic');
    if (alias === null) return topic;
    if (alias === 0 || alias > this.most) throw new PacketMalformed(`topic alias ${alias}`);
    this.topics[alias] = topic;
    return topic;
  }
}

/** Null: none. */
function aliasOf(bytes: Buffer, start: number, end: number): number | null {
  let alias: number | null = null;
  for (let at = start; at < end;) {
    const property = bytes[at++] as number;
    if (property === TOPIC_ALIAS && at + 2 <= end) alias = bytes.readUInt16BE(at);
    at = endOfValue(bytes, property, at, end);
  }
  return alias;
}

function endOfValue(bytes: Buffer, property: number, start: number, end: number): number {
  const after = afterValue(bytes, property, start, end);
  if (after > end) throw new PacketMalformed('properties cut short');
  return after;
}

function afterValue(bytes: Buffer, property: number, start: number, end: number): number {
  switch (LAYOUT[property]) {
    case 'byte':
      return start + 1;
    case 'two-bytes':
      return start + 2;
    case 'four-bytes':
      return start + 4;
    case 'text':
      return afterText(bytes, start, end);
    case 'two-texts':
      return afterText(bytes, afterText(bytes, start, end), end);
    case 'number':
      return afterNumber(bytes, start, end);
    default:
      throw new PacketMalformed(`PUBLISH with property ${property}`);
  }
}

function afterText(bytes: Buffer, start: number, end: number): number {
  return start + 2 > end ? end + 1 : start + 2 + bytes.readUInt16BE(start);
}

function afterNumber(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) > 127) at++;
  return at + 1;
}
