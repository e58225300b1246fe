import type { Gateway } from '../message-source.js';
import type { GatewayConnection } from './gateway-connection.js';

/** Connections of gateways that have proved who they are. */
export class ConnectedGateways {
  /** By gateway, then by client id: an id belongs to its user name, so that no gateway can end another's connection by it. */
  private readonly connections = new Map<number, Map<string, GatewayConnection>>();

  /** The connection that had this id before; undefined: none. */
  add({ id }: Gateway, clientId: string, connection: GatewayConnection): GatewayConnection | undefined {
    const own = this.connections.get(id) ?? new Map<string, GatewayConnection>();
    const before = own.get(clientId);
    this.connections.set(id, own.set(clientId, connection));
    return before;
  }

  remove({ id }: Gateway, clientId: string, connection: GatewayConnection): void {
    const own = this.connections.get(id);
    // Another one may have taken its place.
    if (own?.get(clientId) !== connection) return;
    own.delete(clientId);
    if (own.size === 0) this.connections.delete(id);
  }

  of({ id }: Gateway): Iterable<GatewayConnection> {
    return this.connections.get(id)?.values() ?? [];
  }
}
