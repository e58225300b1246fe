import type { BlockProblemCode } from '@coldchain/ledger';

/** What can be found wrong. Block problems keep the names of the port. */
export type FindingCode =
  | BlockProblemCode
  | 'document-digest-differs'
  | 'document-not-canonical'
  | 'event-hash-differs'
  | 'commitment-differs'
  | 'anchor-missing'
  | 'anchor-differs'
  | 'anchor-not-noted'
  | 'event-missing'
  | 'anchored-twice'
  | 'object-differs'
  | 'object-missing'
  | 'object-unknown'
  | 'checkpoint-above-ledger'
  | 'frame-digest-differs'
  | 'frame-leaf-differs'
  | 'frame-missing'
  | 'frame-without-leaf'
  | 'frame-twice'
  | 'root-differs'
  | 'root-anchor-differs'
  | 'root-missing'
  | 'root-unknown';

/** One thing that is wrong, and where. */
export interface Finding {
  readonly code: FindingCode;
  /** `event 17`, `block 4`, `unit 3f…`: what to look at. */
  readonly subject: string;
  readonly detail: string;
}

/** The result of a check. */
export interface FsckReport {
  readonly findings: readonly Finding[];
  /** Why something could not be checked; with any the result is incomplete. */
  readonly unchecked: readonly string[];
  readonly events: {
    readonly checked: number;
    readonly anchored: number;
    readonly pending: number;
    readonly refused: number;
  };
  readonly blocks: number;
  readonly anchors: number;
  /** Telemetry trees, and the frames under them; `pending` of both are not on the ledger, or under no tree yet. */
  readonly roots: {
    readonly checked: number;
    readonly anchored: number;
    readonly pending: number;
    readonly frames: number;
    readonly pendingFrames: number;
  };
}
