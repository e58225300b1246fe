import { type Packet, parser } from 'mqtt-packet';
import { PacketMalformed } from '../mqtt-packets/packet-splitter.js';

/**
 * The one packet that these bytes are, read by `mqtt-packet`. Made anew each time: there are few of them, and many connections.
 * @throws PacketMalformed
 */
export function onlyPacket(bytes: Buffer, protocolVersion: 4 | 5): Packet {
  const reader = parser({ protocolVersion });
  let found: Packet | undefined;
  let problem: unknown;
  reader.on('packet', (packet) => (found ??= packet));
  reader.on('error', (error) => (problem ??= error));
  try {
    reader.parse(bytes);
  } catch (error) {
    // It reads numbers without looking whether they are there.
    problem ??= error;
  }
  if (problem !== undefined) throw new PacketMalformed(problem instanceof Error ? problem.message : 'packet malformed');
  if (found === undefined) throw new PacketMalformed('packet cut short');
  return found;
}
