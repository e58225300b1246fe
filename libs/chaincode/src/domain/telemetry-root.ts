import { type AnchorRootPayload, MAX_FUTURE_MS, rootKey, type RootState } from '../protocol';
import { canonicalJson } from './canonical';
import type { Draft } from './draft';
import { Refused } from './refused';
import type { Registered, StandingContext } from './standing';

/** @throws Refused `root-not-next`, `log-not-of-caller`, `root-previous-mismatch`, `root-window-wrong`. */
async function mustFollow(state: RootState, draft: Draft): Promise<void> {
  const { log, index } = state;
  if (index === 0) {
    if (state.previous !== null) throw new Refused('root-previous-mismatch', { log, index });
    return;
  }
  const before = await draft.find('root', rootKey({ log, index: index - 1 }));
  if (before === undefined) throw new Refused('root-not-next', { log, index });
  if (before.party !== state.party) throw new Refused('log-not-of-caller', { log, index });
  if (before.root !== state.previous) throw new Refused('root-previous-mismatch', { log, index });
  if (state.window.from < before.window.to) {
    throw new Refused('root-window-wrong', { log, index, from: state.window.from, previousTo: before.window.to });
  }
}

/**
 * The next root of a log: whose first root a party anchored, that log is its. The same content again is a replay; no root
 * is ever replaced.
 * @throws Refused `log-not-of-caller`, `root-exists-differently`, `root-not-next`, `root-previous-mismatch`,
 * `root-window-wrong`, `event-in-future` (end of the window) and what `Draft.caller` refuses.
 */
export async function anchorRoot(
  payload: AnchorRootPayload,
  { caller, draft, proposalTime }: StandingContext,
): Promise<Registered<RootState>> {
  await draft.caller(caller);
  const { log, index, root, count, window, previous } = payload;
  const state: RootState = { log, index, party: caller, root, count, window, previous };
  const known = await draft.find('root', rootKey(state));
  if (known !== undefined) {
    if (known.party !== caller) throw new Refused('log-not-of-caller', { log, index });
    if (canonicalJson(known) === canonicalJson(state)) return { state: known, replay: true };
    throw new Refused('root-exists-differently', { log, index });
  }
  if (window.from > window.to) throw new Refused('root-window-wrong', { log, index, from: window.from, to: window.to });
  if (window.to > proposalTime + MAX_FUTURE_MS) {
    throw new Refused('event-in-future', { eventTime: window.to, proposalTime });
  }
  await mustFollow(state, draft);
  draft.put('root', rootKey(state), state);
  return { state, replay: false };
}
