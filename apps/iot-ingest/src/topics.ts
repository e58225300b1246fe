/** Channels of a gateway (interfaces §3): it publishes on the first two and listens on the last two. */
export type GatewayChannel = 'readings' | 'status' | 'acks' | 'commands';

/** Prefix of every topic, with the version of the contract. */
const PREFIX = 'coldchain/v1';

/** `coldchain/v1/{organisation}/{gateway}/{channel}`. */
export function topicOf(organisation: string, gateway: string, channel: GatewayChannel): string {
  return `${PREFIX}/${organisation}/${gateway}/${channel}`;
}

/** A topic that a gateway publishes on. */
export interface TopicParts {
  /** The topic itself, the same text for all that ask: what a message came with need not be kept. */
  readonly topic: string;
  readonly organisation: string;
  readonly gateway: string;
  /** `{organisation}/{gateway}` */
  readonly userName: string;
  readonly channel: 'readings' | 'status';
}

/** Organisation, gateway and channel of a topic that a gateway publishes on; null for any other topic. */
function partsOfTopic(topic: string): TopicParts | null {
  const [, organisation, gateway, channel] = PUBLISHED.exec(topic) ?? [];
  if (organisation === undefined || gateway === undefined) return null;
  const userName = `${organisation}/${gateway}`;
  return { topic, organisation, gateway, userName, channel: channel === 'status' ? 'status' : 'readings' };
}

const PUBLISHED = new RegExp(`^${PREFIX}/([^/]+)/([^/]+)/(readings|status)$`);
const REMEMBERED = 100_000;

/** Topics taken apart, remembered: the same few come with every message. */
export class TopicCache {
  private readonly known = new Map<string, TopicParts | null>();

  /** Null: no topic that a gateway publishes on. */
  of(topic: string): TopicParts | null {
    const known = this.known.get(topic);
    if (known !== undefined) return known;
    if (this.known.size > REMEMBERED) this.known.clear();
    const parts = partsOfTopic(topic);
    this.known.set(topic, parts);
    return parts;
  }
}

/** Filter for what all gateways publish on a channel. */
export function everyGateway(channel: 'readings' | 'status'): string {
  return topicOf('+', '+', channel);
}
