import { GatewayError } from '@hyperledger/fabric-gateway';
import { REFUSALS, type RefusalMessage } from '@coldchain/chaincode/protocol';

/** What a peer says before the message of a chaincode that answered with an error. */
const CHAINCODE_ANSWER = /chaincode response \d+, (.*)/s;

/** What a failed call to the gateway means. */
export type GatewayFailure =
  /** The contract said no, by the peers of these organisations. */
  | { readonly kind: 'refused'; readonly refusal: RefusalMessage; readonly organisations: readonly string[] }
  /** The contract failed otherwise: a defect. */
  | { readonly kind: 'chaincode-failed'; readonly reason: string }
  /** Peers answered differently: one of them is a block behind, or the contract is not deterministic. */
  | { readonly kind: 'answers-differ'; readonly reason: string }
  /** The orderers have this envelope already. */
  | { readonly kind: 'already-submitted' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Reads an error of the gateway: the cause stands in its details, one per node that answered, or in its message. */
export function gatewayFailure(error: unknown): GatewayFailure {
  if (!(error instanceof GatewayError)) return { kind: 'failed', reason: messageOf(error) };
  const details = [...error.details, { address: '', mspId: '', message: error.message }];
  const answers = details.flatMap(({ mspId, message }) => {
    const answer = CHAINCODE_ANSWER.exec(message)?.[1];
    return answer === undefined ? [] : [{ mspId, answer }];
  });
  const refusals = answers.flatMap(({ mspId, answer }) => {
    const refusal = parseRefusal(answer);
    return refusal === null ? [] : [{ mspId, refusal }];
  });
  const reason = details
    .map(({ mspId, message }) => `${mspId} ${message}`.trim())
    .join('; ')
    .slice(0, 1000);
  const [first] = refusals;
  if (first !== undefined)
    return { kind: 'refused', refusal: first.refusal, organisations: refusals.map(({ mspId }) => mspId) };
  if (answers.length > 0) return { kind: 'chaincode-failed', reason };
  if (reason.includes('ProposalResponsePayloads do not match')) return { kind: 'answers-differ', reason };
  if (/request already (processed|exists)/.test(reason)) return { kind: 'already-submitted' };
  return { kind: 'failed', reason };
}

/** The contract's own words, `{code, details}`; null when it is something else. */
function parseRefusal(text: string): RefusalMessage | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('code' in value)) return null;
    const code = REFUSALS.find((known) => known === value.code);
    if (code === undefined) return null;
    const details = 'details' in value && typeof value.details === 'object' ? (value.details ?? {}) : {};
    return { code, details: Object.fromEntries(Object.entries(details).filter(isPlain)) };
  } catch {
    return null;
  }
}

const isPlain = (entry: [string, unknown]): entry is [string, string | number | boolean | null] =>
  entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
