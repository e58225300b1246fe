import { type AnchorRootPayload, rootKey } from '@coldchain/chaincode/protocol';
import type { ActContext } from './act-context.js';
import { writeExpected } from './expected-state.js';
import { enqueue, judge } from './record-act.js';

/**
 * Queues a telemetry root for the ledger, judged by the contract's rules first. It waits in the outbox for the root
 * before it, until that one is on the ledger. No EPCIS event: nothing happened to goods.
 *
 * @throws ActRefused with what the contract refuses, `party-unknown` while the organisation is not registered there;
 * nothing is written then.
 */
export async function anchorRoot(context: ActContext, payload: AnchorRootPayload): Promise<void> {
  const { log, index } = payload;
  const decision = await judge(context, 'anchorRoot', payload);
  await writeExpected(context.transaction, decision.writes);
  const before = index === 0 ? [] : [{ type: 'root' as const, key: rootKey({ log, index: index - 1 }) }];
  await enqueue(context, 'anchorRoot', payload, decision, before, null);
}
