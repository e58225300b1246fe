import type { AggregateUnit } from '@coldchain/custody';
import type { DemoAccount } from '../first-start/accounts.js';

/** A code that the page offers to try, and what it shows. */
export interface SampleCode {
  readonly label: string;
  /** The pharmacy whose account has to ask. */
  readonly organisation: string;
  readonly code: string;
}

/** What the demonstration works with: what a user of the installation has too, and a past. */
export interface DemonstrationContext {
  readonly apiUrl: string;
  /** Address of the broker, without credentials. */
  readonly mqttUrl: string;
  readonly dataDir: string;
  readonly accounts: readonly DemoAccount[];
  /** Aborted when the installation stops. */
  readonly signal: AbortSignal;
  /** One line for the person at the terminal. */
  report(line: string): void;
  /**
   * Packs a unit of an organisation as if that had been captured then; again changes nothing.
   * @param packedAt ms since 1970 UTC
   */
  packInThePast(organisation: string, unit: AggregateUnit, packedAt: number): Promise<void>;
  /**
   * Runs `coldchain …parameters` and waits.
   * @throws Error with what it wrote when its exit status is not 0
   */
  coldchain(parameters: readonly string[], environment?: Readonly<Record<string, string>>): Promise<string>;
  /** Starts `coldchain …parameters` as a child that runs until the installation stops; its output goes to `logs/name.log`. */
  launchColdchain(name: string, parameters: readonly string[], environment?: Readonly<Record<string, string>>): void;
}

/** The story that a first start tells. */
export abstract class Demonstration {
  /**
   * Writes the demonstration data through the API; called on an empty data folder, and again when an earlier call was
   * interrupted, so every step carries an idempotency key of its own. Returns the sample codes.
   */
  abstract seed(context: DemonstrationContext): Promise<readonly SampleCode[]>;

  /** Starts the simulated gateways; called at every start, after `seed`. */
  abstract startGateways(context: DemonstrationContext): Promise<void>;
}
