import { type Gateway, type MessageReceiver, MessageSource, type PlatformChannel } from '../message-source.js';

/** Several sources as one: messages come from all, acknowledgements go to wherever the gateway may listen. */
export class MessageSources extends MessageSource {
  constructor(private readonly sources: readonly MessageSource[]) {
    super();
  }

  async start(receiver: MessageReceiver): Promise<void> {
    for (const source of this.sources) await source.start(receiver);
  }

  async pause(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.pause()));
  }

  listens(gateway: Gateway): boolean {
    return this.sources.some((source) => source.listens(gateway));
  }

  send(gateway: Gateway, channel: PlatformChannel, payload: Buffer): void {
    for (const source of this.sources) if (source.listens(gateway)) source.send(gateway, channel, payload);
  }

  async stop(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.stop()));
  }
}
