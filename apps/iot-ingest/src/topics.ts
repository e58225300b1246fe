/** Channels of a gateway (interfaces §3): it publishes on the first two and listens on the last two. */
export type GatewayChannel = 'readings' | 'status' | 'acks' | 'commands';

/** Prefix of every topic, with the version of the contract. */
const PREFIX = 'coldchain/v1';

/** `coldchain/v1/{organisation}/{gateway}/{channel}`. */
export function topicOf(organisation: string, gateway: string, channel: GatewayChannel): string {
  return `${PREFIX}/${organisation}/${gateway}/${channel}`;
}
