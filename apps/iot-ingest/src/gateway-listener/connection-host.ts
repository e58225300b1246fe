import type { TextCache } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { IConnectPacket } from 'mqtt-packet';
import type { Gateway, ReceivedMessage } from '../message-source.js';
import type { ConnectRefusal } from './connect-answer.js';
import type { GatewayConnection } from './gateway-connection.js';
import type { ListenerLoad } from './listener-load.js';

/** What a connection needs of its listener. */
export interface ConnectionHost {
  readonly load: ListenerLoad;
  /** Names of topics, which are the same on all connections. */
  readonly topics: TextCache;
  readonly logger: Logger;
  /** Whether nothing is to be handed over any more. */
  readonly paused: boolean;
  /** Proves who it is. Never rejects. */
  prove(packet: IConnectPacket): Promise<Gateway | ConnectRefusal>;
  /** Is known by this client id from now on; another connection of that id is ended. The id: the gateway's, or one for it. */
  entered(connection: GatewayConnection, gateway: Gateway, clientId: string): string;
  /** False: there is no room for it. */
  received(message: ReceivedMessage): boolean;
  /** Its connection has ended. */
  left(connection: GatewayConnection): void;
  /** It began to listen for acknowledgements. */
  announced(gateway: Gateway): void;
}
