import { encodeEntry, decodeEntry, type KeptClock, type LogEntry, type LogState } from './entry.js';
import { GatewayLogError } from './gateway-log-error.js';
import type { LogStorage } from './log-storage.js';
import { recordOf, recordsIn } from './record.js';
import { rangesOf } from './ranges.js';

/** A frame that nobody has acknowledged yet. */
export interface KeptFrame {
  readonly boot: string;
  readonly seq: number;
  readonly payload: Buffer;
  readonly readings: number;
}

/** A frame to be kept; its number is the log's to give. */
export interface NewFrame {
  /** The bytes to send, for the number that the frame gets. */
  readonly payload: (boot: string, seq: number) => Buffer;
  readonly readings: number;
  /** Time of its newest reading, ms since 1970, or how far else its source has come. */
  readonly lastAt: number;
  /** The boot it is numbered in: another one than the last frame's begins with it, at 0. Default: the present boot. */
  readonly boot?: string;
  /** How the clock of its boot stands; given with the first frame that it is known for. */
  readonly clock?: KeptClock;
}

/** A boot that begins. */
export interface NewBoot {
  readonly boot: string;
  /** How its clock stands, where that is known already. */
  readonly clock?: KeptClock;
}

/** Which log it is, and which boot goes on or begins in it. */
export interface LogOwner {
  readonly gateway: string;
  readonly source: string;
  readonly startedAt: number;
  /** The same name as last time goes on counting; another one begins at 0. */
  readonly boot: string;
}

/** Bounds of a log. */
export interface LogBounds {
  /** A segment is closed when it has so many bytes. Default 1 MiB. */
  readonly segmentBytes?: number;
  /** All segments together; beyond it nothing more is kept. Default 512 MiB. */
  readonly totalBytes?: number;
}

const SEGMENT_BYTES = 1 << 20;
const TOTAL_BYTES = 512 << 20;

type FrameEntry = Extract<LogEntry, { kind: 'frame' }>;
type StateEntry = Extract<LogEntry, { kind: 'state' }>;

interface Segment {
  readonly name: string;
  bytes: number;
  /** Frames in it that are not settled. */
  open: number;
}

/**
 * Frames of a gateway until the platform has acknowledged them: append-only segments of records with length and checksum.
 * A frame is flushed to the medium before {@link append} returns, hence before it can be sent: a number is never used for
 * other bytes, and what was not acknowledged survives the end of the process, or of the power, at any moment. A segment is
 * removed when all its frames are settled; acknowledgements themselves are not flushed, because a frame that is sent once
 * more is a duplicate that costs nothing.
 */
export class FrameLog {
  private readonly kept = new Map<string, KeptFrame & { readonly segment: Segment }>();
  private readonly segments: Segment[] = [];
  private readonly earlierClocks = new Map<string, KeptClock>();
  /** The newest segment that begins with the state; frames go there while it is writable. */
  private head: Segment | null = null;
  private writable = false;
  private state: LogState;
  /** Bytes in the log that are no records any more because the medium spoiled them; frames in them are lost. */
  private spoilt = 0;
  /** Bytes that were cut off at the end when the log was opened. */
  private cut = 0;
  /** Whether the present boot began when the log was opened, beside what others left. */
  private begun = false;

  private constructor(
    private readonly storage: LogStorage,
    owner: LogOwner,
    private readonly bounds: LogBounds,
  ) {
    this.state = { ...owner, nextSeq: 0, lastAt: null };
  }

  /**
   * Continues the log in a storage, or begins it. Of what a crash left half written nothing is taken.
   * @throws GatewayLogError `log-of-another`, `log-not-written`
   */
  static open(storage: LogStorage, owner: LogOwner, bounds: LogBounds = {}): FrameLog {
    const log = new FrameLog(storage, owner, bounds);
    const names = storage.names();
    let found = false;
    for (const name of names) found = log.load(name, name === names.at(-1)) || found;
    if (found) log.goOn(owner);
    log.beginSegment();
    return log;
  }

  /** The boot that frames are numbered in. */
  get boot(): string {
    return this.state.boot;
  }

  /** When the log was begun, ms since 1970. */
  get startedAt(): number {
    return this.state.startedAt;
  }

  /** The number that the next frame gets. */
  get nextSeq(): number {
    return this.state.nextSeq;
  }

  /** Time of the newest reading that was ever kept, or how far else the source has come; null before the first. */
  get lastReadingAt(): number | null {
    return this.state.lastAt;
  }

  /** Clocks of boots of earlier runs, as far as they were known. */
  get clocks(): ReadonlyMap<string, KeptClock> {
    return this.earlierClocks;
  }

  /** How many frames are not acknowledged. */
  get pending(): number {
    return this.kept.size;
  }

  /** Bytes that the medium spoiled. */
  get spoiltBytes(): number {
    return this.spoilt;
  }

  /**
   * Whether the next number may have been given to a frame before: the boot goes on, and bytes of the log were no records.
   * Mostly a crash cut a write short, but a whole record that the medium spoiled looks the same, and may have been sent.
   */
  get isDoubtful(): boolean {
    return !this.begun && this.cut + this.spoilt > 0;
  }

  /** Frames that are not acknowledged, in the order in which they were kept. */
  frames(): IterableIterator<KeptFrame> {
    return this.kept.values();
  }

  has(boot: string, seq: number): boolean {
    return this.kept.has(keyOf(boot, seq));
  }

  /**
   * Begins another boot, whose numbers start at 0.
   * @throws GatewayLogError `log-not-written`
   */
  beginBoot({ boot, clock }: NewBoot): void {
    const before = this.state;
    this.state = { ...withBoot(before, boot), ...(clock === undefined ? {} : { clock }) };
    try {
      this.beginSegment();
    } catch (error) {
      this.state = before;
      throw error;
    }
    this.begun = true;
  }

  /**
   * Keeps frames under the next numbers, with one flush for all of them.
   * @throws GatewayLogError `log-full`, `log-not-written`: none of them is kept
   */
  append(frames: readonly NewFrame[]): readonly KeptFrame[] {
    if (frames.length === 0) return [];
    const entries = this.entriesOf(frames);
    const bytes = Buffer.concat(entries.map((entry) => recordOf(encodeEntry(entry))));
    this.checkRoom(bytes.length);
    return this.keep(entries, bytes);
  }

  /**
   * Keeps frames that were never sent under numbers of another boot, and forgets them under their own. The bound of the log
   * does not hold for it, because the old ones go at once.
   * @param frames each with what is kept instead of it
   * @throws GatewayLogError `log-not-written`: all is as before
   */
  renumber(frames: ReadonlyMap<KeptFrame, NewFrame>): readonly KeptFrame[] {
    const entries = this.entriesOf([...frames.values()]);
    const kept = this.keep(entries, Buffer.concat(entries.map((entry) => recordOf(encodeEntry(entry)))));
    for (const { boot, seq } of frames.keys()) this.settle(boot, [seq]);
    return kept;
  }

  /** Forgets frames that an acknowledgement covers, and removes the segments that hold nothing else. */
  settle(boot: string, seqs: readonly number[]): void {
    const known = seqs.filter((seq) => this.has(boot, seq));
    if (known.length === 0) return;
    for (const seq of known) this.forget(boot, seq);
    if (this.head !== null && this.writable) {
      const bytes = recordOf(encodeEntry({ kind: 'settled', boot, ranges: rangesOf(known) }));
      // Only a hint for the next start. A disk that is full takes none, and removing segments is what frees it.
      if (this.tryAppend(this.head, bytes) !== null) this.writable = false;
    }
    this.removeSettled();
  }

  close(): void {
    this.storage.close();
  }

  /** What is written for frames: where a boot begins, its state goes before its first frame. */
  private entriesOf(frames: readonly NewFrame[]): (FrameEntry | StateEntry)[] {
    let { state } = this;
    return frames.flatMap((frame): (FrameEntry | StateEntry)[] => {
      const { payload, readings, lastAt, clock } = frame;
      const begins: StateEntry[] = [];
      const isOther = frame.boot !== undefined && frame.boot !== state.boot;
      if (isOther || clock !== undefined) {
        if (isOther) state = withBoot(state, frame.boot ?? state.boot);
        if (clock !== undefined) state = { ...state, clock };
        begins.push({ kind: 'state', state });
      }
      const { boot, nextSeq: seq } = state;
      state = { ...state, nextSeq: seq + 1, lastAt: Math.max(lastAt, state.lastAt ?? lastAt) };
      return [...begins, { kind: 'frame', boot, seq, readings, lastAt, payload: payload(boot, seq) }];
    });
  }

  private keep(entries: readonly (FrameEntry | StateEntry)[], bytes: Buffer): readonly KeptFrame[] {
    const segment = this.write(bytes);
    return entries.flatMap((entry) => {
      if (entry.kind === 'frame') return [this.take(entry, segment)];
      this.state = entry.state;
      return [];
    });
  }

  /** Whether a state was found in it. */
  private load(name: string, isLast: boolean): boolean {
    const bytes = this.storage.read(name);
    const { contents, tornBytes, spoiltBytes } = recordsIn(bytes);
    const torn = isLast ? tornBytes : 0;
    if (torn > 0) this.storage.truncate(name, bytes.length - torn);
    this.cut += torn;
    this.spoilt += spoiltBytes + tornBytes - torn;
    const segment = { name, bytes: bytes.length - torn, open: 0 };
    this.segments.push(segment);
    let found = false;
    for (const content of contents) {
      const entry = decodeEntry(content);
      switch (entry?.kind) {
        case 'state':
          this.state = entry.state;
          if (entry.state.clock !== undefined) this.earlierClocks.set(entry.state.boot, entry.state.clock);
          found = true;
          break;
        case 'frame':
          this.take(entry, segment);
          break;
        case 'settled':
          for (const [from, to] of entry.ranges) for (let seq = from; seq <= to; seq++) this.forget(entry.boot, seq);
          break;
        case undefined:
      }
    }
    return found;
  }

  private goOn(owner: LogOwner): void {
    const { gateway, source, boot } = this.state;
    if (gateway !== owner.gateway || source !== owner.source) {
      throw new GatewayLogError('log-of-another', `the log keeps frames of ${gateway}, ${source}`, { gateway, source });
    }
    if (owner.boot === boot) return;
    this.state = withBoot(this.state, owner.boot);
    this.begun = true;
  }

  private take(entry: FrameEntry, segment: Segment): KeptFrame {
    const { boot, seq, readings, lastAt, payload } = entry;
    // Of two with one number the later was sent: the earlier is what a failed flush left behind.
    this.forget(boot, seq);
    const frame = { boot, seq, readings, payload, segment };
    this.kept.set(keyOf(boot, seq), frame);
    segment.open++;
    const newest = Math.max(lastAt, this.state.lastAt ?? lastAt);
    const isCurrent = boot === this.state.boot;
    this.state = { ...this.state, nextSeq: isCurrent ? seq + 1 : this.state.nextSeq, lastAt: newest };
    return frame;
  }

  private forget(boot: string, seq: number): void {
    const frame = this.kept.get(keyOf(boot, seq));
    if (frame === undefined) return;
    frame.segment.open--;
    this.kept.delete(keyOf(boot, seq));
  }

  /** @throws GatewayLogError `log-not-written` */
  private write(bytes: Buffer): Segment {
    const { segmentBytes = SEGMENT_BYTES } = this.bounds;
    const { head } = this;
    const segment = head === null || !this.writable || head.bytes >= segmentBytes ? this.beginSegment() : head;
    this.put(segment, bytes);
    return segment;
  }

  private checkRoom(bytes: number): void {
    const { totalBytes = TOTAL_BYTES } = this.bounds;
    const used = this.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    if (used + bytes <= totalBytes) return;
    throw new GatewayLogError('log-full', `${this.kept.size} frames wait for their acknowledgement`, {
      used,
      totalBytes,
    });
  }

  /** A new segment with the state at its head. @throws GatewayLogError `log-not-written` */
  private beginSegment(): Segment {
    const last = this.segments.at(-1)?.name ?? '0';
    const segment = { name: `${String(Number.parseInt(last, 10) + 1).padStart(10, '0')}.frames`, bytes: 0, open: 0 };
    this.segments.push(segment);
    try {
      this.put(segment, recordOf(encodeEntry({ kind: 'state', state: this.state })));
    } catch (error) {
      this.drop(segment);
      throw error;
    }
    this.head = segment;
    this.writable = true;
    this.removeSettled();
    return segment;
  }

  /** Appends and flushes, or cuts off again what was written. @throws GatewayLogError `log-not-written` */
  private put(segment: Segment, bytes: Buffer): void {
    const before = segment.bytes;
    const failure = this.tryAppend(segment, bytes) ?? this.tryFlush(segment);
    if (failure === null) return;
    // After a failed flush nobody knows what of the file is on the medium: nothing more is written there.
    if (segment === this.head) this.writable = false;
    segment.bytes = before;
    try {
      this.storage.truncate(segment.name, before);
    } catch {
      // What stays behind is a torn tail, or frames whose numbers later records use again, and those count.
    }
    const text = `the log was not written: ${failure.message}`;
    throw new GatewayLogError('log-not-written', text, {}, { cause: failure });
  }

  /** What the medium said; null: it was done. */
  private tryAppend(segment: Segment, bytes: Buffer): Error | null {
    try {
      this.storage.append(segment.name, bytes);
      segment.bytes += bytes.length;
      return null;
    } catch (error) {
      return errorOf(error);
    }
  }

  private tryFlush(segment: Segment): Error | null {
    try {
      this.storage.flush(segment.name);
      return null;
    } catch (error) {
      return errorOf(error);
    }
  }

  private removeSettled(): void {
    for (const segment of [...this.segments]) {
      if (segment.open === 0 && segment !== this.head && this.head !== null) this.drop(segment);
    }
  }

  private drop(segment: Segment): void {
    try {
      this.storage.remove(segment.name);
    } catch {
      // It is tried again with the next acknowledgement, and at the next start.
      return;
    }
    this.segments.splice(this.segments.indexOf(segment), 1);
  }
}

/** Another boot begins: how its clock stands is not known. */
function withBoot(state: LogState, boot: string): LogState {
  const { clock: _, ...rest } = state;
  return { ...rest, boot, nextSeq: 0 };
}

function keyOf(boot: string, seq: number): string {
  return `${seq} ${boot}`;
}

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
