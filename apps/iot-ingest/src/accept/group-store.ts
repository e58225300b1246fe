import type { Database, Transaction } from '@coldchain/database';
import type { Clock } from '@coldchain/kernel';
import type { Series } from '@coldchain/telemetry';
import type { ReceivedMessage } from '../message-source.js';
import { clashesAmong } from './sequence-clashes.js';
import { storeDeadLetters } from './dead-letters.js';
import type { DeadLetterEntry, Entry, FrameEntry } from './entry.js';
import type { NumberedFrame } from './frame-statement.js';
import { Loggers } from './loggers.js';
import { Novelty } from './novelty.js';
import { Partitions } from './partitions.js';
import { isDuplicate, lacksPartition, WatermarkRaced } from './store-failure.js';
import { CAREFUL, EXPECTING_NEW, type StoreStatement, type StoreStatements, TOLERANT } from './store-statements.js';
import { Streams } from './streams.js';

/** When a logger last measured, as far as a group says. */
export interface LatestReading {
  /** Logger's clock, ms since 1970. */
  readonly at: number;
  readonly gatewayId: number;
}

/** A message that came twice in a group. */
export interface Repeat {
  readonly message: ReceivedMessage;
  /** The one that came first. */
  readonly of: ReceivedMessage;
}

/** What became of a group, in frames and messages. */
export interface StoredGroup {
  readonly stored: number;
  readonly readings: number;
  readonly duplicates: number;
  /** Newest reading of each logger that something was stored of. */
  readonly loggers: ReadonlyMap<number, LatestReading>;
  /** What went to `dead_letter`. */
  readonly setAside: readonly DeadLetterEntry[];
  /** Of `duplicates` those whose number and bytes occur earlier in the group: what became of that one became of them. */
  readonly repeats: readonly Repeat[];
  /** Not stored yet: frames whose number occurs earlier in the group with other bytes. They must meet that one's row. */
  readonly contested: readonly FrameEntry[];
}

/**
 * Makes a group of messages durable: frames and series of new numbers, watermarks, and dead letters, in one transaction.
 * A number that came before with the same bytes is a duplicate and leaves nothing; with other bytes it is a clash: its
 * bytes become a dead letter and its bit in the watermark's `clash` is set.
 */
export class GroupStore {
  private readonly streams: Streams;
  private readonly loggers: Loggers;
  private readonly partitions: Partitions;
  private readonly novelty = new Novelty();

  constructor(
    private readonly database: Database,
    clock: Clock,
  ) {
    this.streams = new Streams(database);
    this.loggers = new Loggers(database, clock);
    this.partitions = new Partitions(database);
  }

  /** @throws what PostgreSQL objects to, with nothing stored of the transaction that failed */
  async store(entries: readonly Entry[]): Promise<StoredGroup> {
    const frames = entries.filter((entry) => entry.kind === 'frame');
    const deadLetters = entries.filter((entry) => entry.kind === 'dead-letter');
    if (frames.length === 0 && deadLetters.length === 0) return NOTHING;
    await this.prepare(frames, deadLetters);
    const { once, repeats, contested } = bySequence(await this.number(frames));
    const written = await this.write(once, deadLetters);
    return { ...written, duplicates: written.duplicates + repeats.length, repeats, contested };
  }

  private async prepare(frames: readonly FrameEntry[], deadLetters: readonly DeadLetterEntry[]): Promise<void> {
    const days = new Set<string>();
    for (const { day } of frames) days.add(day);
    await this.partitions.ensure(days);
    const rejected = deadLetters.flatMap(({ message, boot, seq }) =>
      boot === null || seq === null ? [] : [{ message, boot }],
    );
    // A boot of which everything was rejected must be known too, or its gateway would never hear so.
    if (rejected.length > 0) await this.streams.resolve(rejected);
  }

  private async number(frames: readonly FrameEntry[]): Promise<NumberedFrame[]> {
    const streams = await this.streams.resolve(frames);
    const loggers = await this.loggers.resolve(frames);
    let next = 0;
    return frames.map((entry, index) => {
      const firstLogger = next;
      next += entry.frame.single === null ? entry.frame.series.length : 1;
      return { entry, stream: streams[index] as number, loggers, firstLogger };
    });
  }

  private async write(frames: readonly NumberedFrame[], deadLetters: readonly DeadLetterEntry[]): Promise<StoredGroup> {
    try {
      return await this.writeExpecting(frames, deadLetters);
    } catch (error) {
      if (lacksPartition(error)) this.partitions.forget();
      // A number was used under another key, or is being used by another process: what is new is looked for first.
      if (error instanceof WatermarkRaced) return this.writeOnce(frames, deadLetters, CAREFUL);
      throw error;
    }
  }

  private async writeExpecting(
    frames: readonly NumberedFrame[],
    deadLetters: readonly DeadLetterEntry[],
  ): Promise<StoredGroup> {
    if (this.novelty.expected) {
      try {
        return await this.writeOnce(frames, deadLetters, EXPECTING_NEW);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      this.novelty.met('repeated');
    }
    const group = await this.writeOnce(frames, deadLetters, TOLERANT);
    this.novelty.met(group.stored < frames.length ? 'repeated' : 'new');
    return group;
  }

  private writeOnce(
    frames: readonly NumberedFrame[],
    deadLetters: readonly DeadLetterEntry[],
    statements: StoreStatements,
  ): Promise<StoredGroup> {
    return this.database.asProcess(async (transaction) => {
      if (statements.joins && frames.length >= LARGE_GROUP) await transaction.query(HASH_JOINS);
      const missed = frames.length === 0 ? [] : await storeNew(transaction, frames, statements);
      const clashes = missed.length === 0 ? [] : await clashesAmong(transaction, missed);
      const all = [...deadLetters, ...clashes];
      await storeDeadLetters(transaction, all);
      const kept = new Set(missed);
      const stored = missed.length === 0 ? frames : frames.filter((frame) => !kept.has(frame));
      await storeRedatings(transaction, stored);
      return {
        stored: stored.length,
        readings: stored.reduce((sum, { entry }) => sum + entry.frame.count, 0),
        duplicates: missed.length - clashes.length,
        loggers: latestOf(stored),
        setAside: all,
        repeats: [],
        contested: [],
      };
    });
  }
}

/** Row by row costs a quarter of the server's time. */
const HASH_JOINS = 'SET LOCAL enable_nestloop = off';
const LARGE_GROUP = 50;

const NOTHING: StoredGroup = {
  stored: 0,
  readings: 0,
  duplicates: 0,
  loggers: new Map(),
  setAside: [],
  repeats: [],
  contested: [],
};

function latestOf(frames: readonly NumberedFrame[]): Map<number, LatestReading> {
  const latest = new Map<number, { at: number; gatewayId: number }>();
  const heard = (id: number, at: number, gatewayId: number): void => {
    const known = latest.get(id);
    if (known === undefined) latest.set(id, { at, gatewayId });
    else if (known.at < at) [known.at, known.gatewayId] = [at, gatewayId];
  };
  for (const { entry, loggers, firstLogger } of frames) {
    const { single } = entry.frame;
    const gatewayId = entry.message.gateway.id;
    if (single !== null) {
      heard(loggers[firstLogger] as number, single.at, gatewayId);
      continue;
    }
    const { series } = entry.frame;
    // By index: an iterator with its pairs costs more than what is done with them.
    for (let index = 0; index < series.length; index++) {
      heard(loggers[firstLogger + index] as number, (series[index] as Series).lastAt, gatewayId);
    }
  }
  return latest;
}

interface BySequence {
  /** The first frame of each number, by stream and number: neighbours lie together on the server's pages. */
  readonly once: readonly NumberedFrame[];
  /** Those that came again with the same bytes. */
  readonly repeats: readonly Repeat[];
  /** Those that came again with other bytes. */
  readonly contested: readonly FrameEntry[];
}

function bySequence(frames: readonly NumberedFrame[]): BySequence {
  // Stable: of one number the first to arrive stays the first.
  const ordered = [...frames].sort((one, other) => one.stream - other.stream || one.entry.seq - other.entry.seq);
  const once: NumberedFrame[] = [];
  const contested: FrameEntry[] = [];
  const repeats: Repeat[] = [];
  let earlier: NumberedFrame | undefined;
  for (const frame of ordered) {
    if (earlier === undefined || earlier.stream !== frame.stream || earlier.entry.seq !== frame.entry.seq) {
      earlier = frame;
      once.push(frame);
      continue;
    }
    const [{ message }, of] = [frame.entry, earlier.entry.message];
    if (of.payload.equals(message.payload)) repeats.push({ message, of });
    else contested.push(frame.entry);
  }
  return { once, repeats, contested };
}

/** Notes which frames have other times than their bytes say, and why. */
async function storeRedatings(transaction: Transaction, stored: readonly NumberedFrame[]): Promise<void> {
  const redated = stored.filter(({ entry }) => entry.redated !== null);
  if (redated.length === 0) return;
  await transaction.query(
    `INSERT INTO redated_frame (stream, seq, shift_ms, reason)
     SELECT stream, seq, shift_ms, 'boot-clock-wrong' FROM unnest($1::int4[], $2::int8[], $3::int8[]) AS x (stream, seq, shift_ms)`,
    [
      redated.map(({ stream }) => stream),
      redated.map(({ entry }) => entry.seq),
      redated.map(({ entry }) => entry.redated?.shiftMs),
    ],
  );
}

/** Stores what is new and returns what is not. @throws WatermarkRaced */
async function storeNew(
  transaction: Transaction,
  frames: readonly NumberedFrame[],
  statements: StoreStatements,
): Promise<NumberedFrame[]> {
  const singles: NumberedFrame[] = [];
  const several: NumberedFrame[] = [];
  for (const frame of frames) (isSingle(frame) ? singles : several).push(frame);
  const size = frames.length >= LARGE_GROUP ? 'large' : 'small';
  return [
    ...(await storeBy(transaction, statements.frames, several, size)),
    ...(await storeBy(transaction, statements.singles, singles, size)),
  ];
}

/** Without a number of its own a message is known by its bytes alone, which only the key of frames holds to. */
function isSingle({ entry }: NumberedFrame): boolean {
  return entry.sequenced && entry.frame.single !== null;
}

async function storeBy(
  transaction: Transaction,
  { name, text, parametersOf }: StoreStatement,
  frames: readonly NumberedFrame[],
  size: 'large' | 'small',
): Promise<readonly NumberedFrame[]> {
  if (frames.length === 0) return [];
  const [row] = await transaction.query<{ raced: boolean; stored: string[] | null }>(
    text,
    parametersOf(frames),
    // A plan that is kept was made under the settings of its first groups.
    `${name}-${size}`,
  );
  if (row?.raced === true) throw new WatermarkRaced('another writer stored the same numbers');
  if (row?.stored === null) return [];
  const stored = new Set(row?.stored);
  return frames.filter(({ stream, entry }) => !stored.has(`${stream} ${entry.seq}`));
}
