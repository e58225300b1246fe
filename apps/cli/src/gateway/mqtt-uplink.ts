import {
  type DownChannel,
  type UpChannel,
  Uplink,
  UplinkConnection,
  type UplinkListener,
} from '@coldchain/gateway-kit';
import mqtt, { type MqttClient } from 'mqtt';
import { CliError } from '../cli-error.js';

/** Options of {@link MqttUplink}. */
export interface MqttUplinkOptions {
  readonly url: string;
  /** `organisation/gateway`: user name and part of the topics. */
  readonly gateway: string;
  readonly password: string;
  readonly note: (line: string) => void;
}

const KEEPALIVE_S = 30;
const CONNECT_MS = 5_000;
/** CONNACK: bad user name or password, not authorised (MQTT 3.1.1 §3.2.2.3). */
const REFUSED_CODES = [4, 5];

/** The platform by MQTT 3.1.1, QoS 1, with `offline` for its last will. Sessions are clean: the log remembers. */
export class MqttUplink extends Uplink {
  constructor(private readonly options: MqttUplinkOptions) {
    super();
  }

  /** @throws CliError `gateway-refused` */
  async connect(listener: UplinkListener, signal: AbortSignal): Promise<UplinkConnection | null> {
    const topics = `coldchain/v1/${this.options.gateway}`;
    const client = await this.open(topics, signal);
    if (client === null) return null;
    client.on('close', () => listener.closed());
    client.on('error', () => listener.closed());
    client.on('message', (topic, payload) => {
      const channel = topic.slice(topics.length + 1);
      if (isDownChannel(channel)) listener.heard(channel, payload);
    });
    try {
      await client.subscribeAsync([`${topics}/acks`, `${topics}/commands`], { qos: 1 });
    } catch {
      await client.endAsync(true);
      return null;
    }
    return new MqttConnection(client, topics);
  }

  private async open(topics: string, signal: AbortSignal): Promise<MqttClient | null> {
    const { url, gateway, password, note } = this.options;
    try {
      return await mqtt.connectAsync(
        url,
        {
          username: gateway,
          password,
          protocolVersion: 4,
          clientId: `coldchain-${process.pid}-${gateway.replaceAll(/\W/g, '-')}`,
          keepalive: KEEPALIVE_S,
          reconnectPeriod: 0,
          connectTimeout: CONNECT_MS,
          will: { topic: `${topics}/status`, payload: Buffer.from('{"state":"offline"}'), qos: 1, retain: true },
        },
        false,
      );
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (typeof code === 'number' && REFUSED_CODES.includes(code)) {
        throw new CliError(
          'gateway-refused',
          `the broker refuses ${gateway}`,
          'check --gateway ORGANISATION/NAME and its password',
          1,
          { cause: error },
        );
      }
      const reason = error instanceof Error ? error.message || String(code) : String(error);
      if (!signal.aborted) note(`no connection to ${new URL(url).host} (${reason}), trying again`);
      return null;
    }
  }
}

class MqttConnection extends UplinkConnection {
  constructor(
    private readonly client: MqttClient,
    private readonly topics: string,
  ) {
    super();
  }

  async publish(channel: UpChannel, payload: Buffer, retain: boolean): Promise<void> {
    await this.client.publishAsync(`${this.topics}/${channel}`, payload, { qos: 1, retain });
  }

  async close(): Promise<void> {
    await this.client.endAsync(true).catch(() => undefined);
  }
}

function isDownChannel(channel: string): channel is DownChannel {
  return channel === 'acks' || channel === 'commands';
}
