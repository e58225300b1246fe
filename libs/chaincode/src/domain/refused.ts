import type { Refusal, RefusalMessage } from '../protocol';

/** What a rule throws to refuse a call; {@link decide} turns it into a value. Nothing else that is thrown is a refusal. */
export class Refused extends Error {
  constructor(
    readonly code: Refusal,
    readonly details: RefusalMessage['details'] = {},
  ) {
    super(code);
  }
}
