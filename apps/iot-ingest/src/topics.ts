/** Channels of a gateway (interfaces §3): it publishes on the first two and listens on the last two. */
export type GatewayChannel = 'readings' | 'status' | 'acks' | 'commands';

/** Prefix of every topic, with the version of the contract. */
const PREFIX = 'coldchain/v1';

/** `coldchain/v1/{organisation}/{gateway}/{channel}`. */
export function topicOf(organisation: string, gateway: string, channel: GatewayChannel): string {
  return `${PREFIX}/${organisation}/${gateway}/${channel}`;
}

/** Organisation, gateway and channel of a topic that a gateway publishes on; null for any other topic. */
export function partsOfTopic(
  topic: string,
): { readonly organisation: string; readonly gateway: string; readonly channel: 'readings' | 'status' } | null {
  const [, organisation, gateway, channel] = PUBLISHED.exec(topic) ?? [];
  if (organisation === undefined || gateway === undefined) return null;
  return { organisation, gateway, channel: channel === 'status' ? 'status' : 'readings' };
}

const PUBLISHED = new RegExp(`^${PREFIX}/([^/]+)/([^/]+)/(readings|status)$`);

/** Filter for what all gateways publish on a channel. */
export function everyGateway(channel: 'readings' | 'status'): string {
  return topicOf('+', '+', channel);
}
