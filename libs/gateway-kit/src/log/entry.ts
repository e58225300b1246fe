/** What a record of the log says. */
export type LogEntry =
  | { readonly kind: 'state'; readonly state: LogState }
  | {
      readonly kind: 'frame';
      readonly boot: string;
      readonly seq: number;
      readonly readings: number;
      readonly lastAt: number;
      readonly payload: Buffer;
    }
  | {
      readonly kind: 'settled';
      readonly boot: string;
      readonly ranges: readonly (readonly [from: number, to: number])[];
    };

/** All that a log has to know when every frame is acknowledged; each segment begins with it. */
export interface LogState {
  readonly gateway: string;
  /** What the readings come from, as its owner names it; a log is only continued for the same. */
  readonly source: string;
  /** ms since 1970: when the log was begun. */
  readonly startedAt: number;
  readonly boot: string;
  readonly nextSeq: number;
  /** Time of the newest reading that was ever kept; null before the first. */
  readonly lastAt: number | null;
  /** Of the boot; left out: not known, or its counting clock ends with the run. */
  readonly clock?: KeptClock;
}

/** How the clocks of a boot stood to each other. */
export interface KeptClock {
  /** What the wall clock showed when the counting one was 0, ms since 1970. */
  readonly wallAtStart: number;
  /** Over which the counting clock is the same one (`GatewayClock.span`). */
  readonly span: string;
}

/** One byte of kind, then JSON; of a frame JSON, a zero byte, and the bytes that are sent. */
const KINDS = { state: 1, frame: 2, settled: 3 } as const;

/** An entry as the content of a record. */
export function encodeEntry(entry: LogEntry): Buffer {
  switch (entry.kind) {
    case 'state':
      return textEntry(KINDS.state, entry.state);
    case 'settled':
      return textEntry(KINDS.settled, { boot: entry.boot, ranges: entry.ranges });
    case 'frame': {
      const { boot, seq, readings, lastAt, payload } = entry;
      return Buffer.concat([textEntry(KINDS.frame, { boot, seq, readings, lastAt }), Buffer.of(0), payload]);
    }
  }
}

/** Reads the content of a record that passed its checksum; null for a kind that a newer version wrote. */
export function decodeEntry(content: Buffer): LogEntry | null {
  const [kind] = content;
  if (kind === KINDS.frame) {
    // JSON text has no zero byte.
    const end = content.indexOf(0, 1);
    const head = JSON.parse(content.toString('utf8', 1, end)) as Omit<
      Extract<LogEntry, { kind: 'frame' }>,
      'kind' | 'payload'
    >;
    return { kind: 'frame', ...head, payload: content.subarray(end + 1) };
  }
  if (kind === KINDS.state) return { kind: 'state', state: JSON.parse(content.toString('utf8', 1)) as LogState };
  if (kind !== KINDS.settled) return null;
  const settled = JSON.parse(content.toString('utf8', 1)) as Omit<Extract<LogEntry, { kind: 'settled' }>, 'kind'>;
  return { kind: 'settled', ...settled };
}

function textEntry(kind: number, value: object): Buffer {
  return Buffer.concat([Buffer.of(kind), Buffer.from(JSON.stringify(value), 'utf8')]);
}
