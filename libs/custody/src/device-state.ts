import type { DeviceState } from '@coldchain/chaincode/protocol';
import type { ActContext } from './act-context.js';
import { expectedStateReader } from './expected-state.js';

/** The newest device of a logger, by what the ledger is expected to say; null where it has none, or is another's. */
export async function deviceOfLogger(context: ActContext, loggerId: number): Promise<DeviceState | null> {
  const [row] = await context.transaction.query<{ device_key: string }>(
    'SELECT device_key FROM device WHERE logger_id = $1 AND organisation_id = $2 ORDER BY id DESC LIMIT 1',
    [loggerId, context.organisation.id],
  );
  if (row === undefined) return null;
  // Of our own key the rules wrote the state.
  const read = expectedStateReader(context.transaction, 'bindDevice');
  const [state] = await read([{ type: 'device', key: row.device_key }]);
  return (state ?? null) as DeviceState | null;
}
