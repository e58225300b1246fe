import type { Mosquitto } from '../../support/mosquitto.js';
import { cpuMicroseconds, type IngestWorld } from './ingest-world.js';

/** Processor time so far of all who take part in moving messages, µs, and when that was. */
export interface Usage {
  readonly at: number;
  readonly subscriber: number;
  readonly server: number;
  readonly broker: number;
}

/** What one side of a comparison did, from a tenth of the messages on. */
export interface Throughput {
  readonly perSecond: number;
  /** Processor time per message, µs. Unlike the rate it says something on a machine that others use as well. */
  readonly subscriberCpu: number;
  readonly serverCpu: number;
  readonly brokerCpu: number;
}

/** Usage now; `broker`: null without one; `subscriber`: its process. */
export function usageOf(world: IngestWorld, broker: Mosquitto | null, subscriber: number): Usage {
  return {
    at: performance.now(),
    subscriber: cpuMicroseconds(subscriber),
    server: world.serverCpu(),
    broker: broker === null ? 0 : cpuMicroseconds(broker.pid),
  };
}

/** What `messages` took between two moments. */
export function throughput(begin: Usage, end: Usage, messages: number): Throughput {
  return {
    perSecond: messages / ((end.at - begin.at) / 1000),
    subscriberCpu: (end.subscriber - begin.subscriber) / messages,
    serverCpu: (end.server - begin.server) / messages,
    brokerCpu: (end.broker - begin.broker) / messages,
  };
}

/** Processor time of all of them together, µs per message. */
export function allCpu({ subscriberCpu, serverCpu, brokerCpu }: Throughput): number {
  return subscriberCpu + serverCpu + brokerCpu;
}
