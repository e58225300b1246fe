import { createPublicKey } from 'node:crypto';
import type { AnswerOf } from '@coldchain/api-contract';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readInput } from '../input.js';

const MANAGERS = ['device-manager', 'administrator'];

/** Registers a public key that a gateway signs with; FILE is PEM. */
export async function runGatewayKeyAdd(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const [gateway = '', kid = '', file = ''] = positionals;
  const body = { kid, ...publicKeyOf(await readInput(file, terminal), file) };
  const client = new ApiClient(apiAccess(invocation, MANAGERS));
  const answer = await client.post(`/v1/gateways/${encodeURIComponent(gateway)}/keys`, body);
  terminal.out(json ? JSON.stringify(answer) : `${gateway}: frames signed with ${kid} are believed`);
  return 0;
}

/** Lists the keys of a gateway. */
export async function runGatewayKeyList(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, [...MANAGERS, 'auditor']));
  const answer = await client.get(`/v1/gateways/${encodeURIComponent(positionals[0] ?? '')}/keys`);
  const { keys } = answer as AnswerOf<'listGatewayKeys'>;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    for (const { kid, algorithm, createdAt, revokedAt } of keys)
      terminal.out(`${kid} ${algorithm} since ${createdAt}${revokedAt === null ? '' : `, revoked ${revokedAt}`}`);
  }
  return 0;
}

/** Revokes a key of a gateway: what it signs from now on is set aside. */
export async function runGatewayKeyRevoke(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const [gateway = '', kid = ''] = positionals;
  const client = new ApiClient(apiAccess(invocation, MANAGERS));
  const path = `/v1/gateways/${encodeURIComponent(gateway)}/keys/${encodeURIComponent(kid)}/revocation`;
  const answer = (await client.post(path, undefined)) as AnswerOf<'revokeGatewayKey'>;
  terminal.out(json ? JSON.stringify(answer) : `${gateway}: ${kid} is revoked since ${answer.revokedAt}`);
  return 0;
}

function publicKeyOf(pem: Buffer, file: string): { algorithm: 'Ed25519' | 'ES256'; publicKey: string } {
  try {
    const key = createPublicKey(pem);
    const algorithm = key.asymmetricKeyType === 'ed25519' ? 'Ed25519' : 'ES256';
    return { algorithm, publicKey: key.export({ type: 'spki', format: 'der' }).toString('base64') };
  } catch (cause) {
    throw usageError(`'${file}' holds no public key in PEM (${String(cause)})`, 'gateway key add');
  }
}
