import type { Gateway, PlatformChannel } from '../message-source.js';
import type { GatewayConnection } from './gateway-connection.js';

/** Which connections listen on a channel, by gateway. */
export class ListeningGateways {
  private readonly connections = new Map<string, Set<GatewayConnection>>();

  add(gateway: Gateway, channel: PlatformChannel, connection: GatewayConnection): void {
    const key = keyOf(gateway, channel);
    const listening = this.connections.get(key) ?? new Set();
    this.connections.set(key, listening.add(connection));
  }

  remove(gateway: Gateway, channel: PlatformChannel, connection: GatewayConnection): void {
    const key = keyOf(gateway, channel);
    const listening = this.connections.get(key);
    listening?.delete(connection);
    if (listening?.size === 0) this.connections.delete(key);
  }

  of(gateway: Gateway, channel: PlatformChannel): Iterable<GatewayConnection> {
    return this.connections.get(keyOf(gateway, channel)) ?? [];
  }

  has(gateway: Gateway, channel: PlatformChannel): boolean {
    return this.connections.has(keyOf(gateway, channel));
  }
}

function keyOf({ id }: Gateway, channel: PlatformChannel): string {
  return `${id} ${channel}`;
}
