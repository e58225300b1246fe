import type { Configuration } from '@coldchain/runtime';

/** What the API needs to know of its configuration. A class, so that it is its own injection token. */
export class ApiOptions {
  readonly mode!: Configuration<'api'>['mode'];
  readonly ledger!: Configuration<'api'>['ledger'];
  readonly demo!: Configuration<'api'>['demo'];
  readonly dataDir!: string;
  readonly httpHost!: string;
  /** 0: any free port. */
  readonly httpPort!: number;
  /** How long an earlier `ok` stands while the ledger cannot confirm it. */
  readonly verdictBoundMs!: number;
  /** Requests that an account may make a minute; 0: as many as it likes. */
  readonly accountRequestsPerMinute!: number;
}
