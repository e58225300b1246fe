import { createPublicKey } from 'node:crypto';
import { GatewayModelInvalid, parseGatewayModel } from '@coldchain/telemetry';
import { RequestProblem } from '../http/request-problem.js';
import type { NewGatewayKey } from './devices.queries.js';

/**
 * A public key as it was sent, parsed.
 * @throws RequestProblem `gateway-key-invalid` where it cannot be read or is of another algorithm than it says
 */
export function gatewayKeyOf(sent: {
  readonly kid: string;
  readonly algorithm: 'Ed25519' | 'ES256';
  readonly publicKey: string;
}): NewGatewayKey {
  const { kid, algorithm } = sent;
  const spki = Buffer.from(sent.publicKey, 'base64');
  const found = algorithmOf(spki);
  if (found === algorithm) return { kid, algorithm, spki };
  throw new RequestProblem(
    'gateway-key-invalid',
    found === null ? 'not a public key (SPKI)' : `it is not of ${algorithm}`,
  );
}

function algorithmOf(spki: Buffer): string | null {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey({
      key: spki,
      format: 'der',
      type: 'spki',
    });
    if (type === 'ed25519') return 'Ed25519';
    return type === 'ec' && details?.namedCurve === 'prime256v1' ? 'ES256' : (type ?? 'unknown');
  } catch {
    return null;
  }
}

/**
 * The mapping of a gateway's model, checked; null for a model that the decoder knows.
 * @throws RequestProblem `gateway-model-invalid`
 */
export function mappingOf(model: string | null, mapping: object | undefined): object | null {
  if (model !== 'own') {
    if (mapping === undefined) return null;
    throw new RequestProblem('gateway-model-invalid', 'a mapping goes with the model `own` only');
  }
  try {
    parseGatewayModel(mapping);
    return mapping ?? null;
  } catch (error) {
    if (error instanceof GatewayModelInvalid) throw new RequestProblem('gateway-model-invalid', error.message);
    throw error;
  }
}
