import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { SeededRandom } from '@coldchain/kernel';
import { encodeFrame, type FrameReading } from '@coldchain/telemetry';

/** One message of the load. */
export interface LoadMessage {
  readonly gateway: string;
  readonly payload: Buffer;
}

const MINUTE = 60_000;

/**
 * Numbered messages round robin over gateways, one logger each, a reading each `stepMs` (a minute): a walk around 5 °C with
 * two decimals.
 */
export function load(options: {
  readonly boot: string;
  readonly messages: number;
  readonly readings: number;
  readonly gateways: number;
  readonly from: number;
  readonly stepMs?: number;
  readonly keys?: BenchKeys;
}): LoadMessage[] {
  const { boot, messages, readings, gateways, from, stepMs = MINUTE, keys } = options;
  const random = new SeededRandom(boot);
  return Array.from({ length: messages }, (_, index) => {
    const gateway = index % gateways;
    const seq = Math.floor(index / gateways);
    let centi = 500 + Math.floor(random.unit() * 100);
    const content: FrameReading[] = Array.from({ length: readings }, (_each, reading) => ({
      logger: `logger-${gateway}`,
      at: from + (seq * readings + reading) * stepMs + Math.floor(random.unit() * 20),
      milliCelsius: (centi += Math.floor(random.unit() * 5) - 2) * 10,
      humidityPermille: readings === 1 ? null : 440,
      counter: readings === 1 ? null : seq * readings + reading,
    }));
    const single = content[0];
    if (readings === 1 && single !== undefined) {
      // Single readings have a form of their own (interfaces §3).
      const { logger, at, milliCelsius } = single;
      const text = `{"d":"${logger}","t":${at},"c":${milliCelsius / 1000},"boot":"${boot}","seq":${seq}}`;
      return { gateway: `g${gateway}`, payload: Buffer.from(text) };
    }
    const payload = encodeFrame({ boot, seq, readings: content });
    return { gateway: `g${gateway}`, payload: keys === undefined ? payload : signed(payload, keys) };
  });
}

/** A key pair of all gateways of a bench. */
export interface BenchKeys {
  readonly algorithm: 'Ed25519' | 'ES256';
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function benchKeys(algorithm: BenchKeys['algorithm']): BenchKeys {
  const pair =
    algorithm === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { algorithm, ...pair };
}

function signed(payload: Buffer, { algorithm, privateKey }: BenchKeys): Buffer {
  const body = payload.subarray(0, -1);
  const signature =
    algorithm === 'Ed25519'
      ? sign(null, body, privateKey)
      : sign('sha256', body, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return Buffer.concat([body, Buffer.from(`,"sig":"${signature.toString('base64url')}"}`)]);
}
