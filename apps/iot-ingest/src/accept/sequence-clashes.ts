import type { Transaction } from '@coldchain/database';
import { dayOf } from '@coldchain/telemetry';
import { byteaArray, Column } from './binary-array.js';
import { deadLetter, type DeadLetterEntry, sha256Of } from './entry.js';
import { type DetachedStanding, standingInDetached } from '../storage/detached-days.js';
import type { NumberedFrame } from './frame-statement.js';

/**
 * Frames whose number is taken and whose bytes are not those that took it: clashes. Where the bytes that took it were
 * detached and moved away with their day nobody can tell: they are set aside as that, and no number is marked.
 */
export async function clashesAmong(
  transaction: Transaction,
  missed: readonly NumberedFrame[],
): Promise<DeadLetterEntry[]> {
  const unmatched = await withoutIdentical(
    transaction,
    missed,
    missed.flatMap((frame) => placesOf(frame)),
  );
  const moved = unmatched.length === 0 ? [] : await redatedPlacesOf(transaction, unmatched);
  const left = moved.length === 0 ? unmatched : await withoutIdentical(transaction, unmatched, moved);
  if (left.length === 0) return [];
  const places = placeParameters([...left.flatMap((frame) => placesOf(frame)), ...moved]);
  const detached = await standingInDetached(transaction, places);
  const standing = ({ stream, entry }: NumberedFrame): DetachedStanding | undefined =>
    detached.get(`${stream} ${entry.seq}`);
  const gone = left.filter((frame) => standing(frame) === 'gone');
  const clashes = left.filter((frame) => standing(frame) === undefined);
  const marked = clashes.filter(({ entry }) => entry.sequenced);
  for (const { stream, entry } of marked.sort((a, b) => a.stream - b.stream || a.entry.seq - b.entry.seq)) {
    await transaction.query(
      `UPDATE stream_watermark SET clash = set_bit(clash, ($2::int8 & 1023)::int, 1)
       WHERE stream = $1 AND chunk = $2::int8 >> 10`,
      [stream, entry.seq],
    );
  }
  return [
    ...clashes.map(({ entry }) => deadLetter(entry, 'sequence-clash', { sha256: sha256Of(entry).toString('hex') })),
    ...gone.map(({ entry }) => deadLetter(entry, 'sequence-detached', { day: entry.day })),
  ];
}

/**
 * Frames whose bytes do not lie at any of the places: under the same day, a single reading's in its own table (or, from
 * before there was one, among the frames).
 */
async function withoutIdentical(
  transaction: Transaction,
  frames: readonly NumberedFrame[],
  places: readonly Place[],
): Promise<readonly NumberedFrame[]> {
  const rows = await transaction.query<{ stream: number; seq: number }>(
    `WITH x AS (SELECT * FROM unnest($1::date[], $2::int4[], $3::int8[], $4::bytea[], $5::text[], $6::timestamptz[])
                  AS x (day, stream, seq, sha256, serial, at))
     SELECT stream, seq FROM x JOIN reading_frame f USING (day, stream, seq)
     WHERE f.sha256 = x.sha256 AND f.day = ANY ($1::date[])
     UNION ALL
     SELECT stream, seq FROM x JOIN logger l USING (serial) JOIN reading_single s USING (day, stream, seq, at)
     WHERE s.logger = l.id AND sha256(s.raw) = x.sha256 AND s.day = ANY ($1::date[])`,
    placeParameters(places),
  );
  const identical = new Set(rows.map((row) => `${row.stream} ${row.seq}`));
  return frames.filter(({ stream, entry }) => !identical.has(`${stream} ${entry.seq}`));
}

/** Where identical bytes can lie. */
interface Place {
  readonly frame: NumberedFrame;
  readonly day: string;
  /** Of its first reading, ms since 1970. */
  readonly at: number;
}

/** A frame that is re-dated may have been stored before its boot's clock was told. */
function placesOf(frame: NumberedFrame): Place[] {
  const { day, redated, frame: content } = frame.entry;
  const own = { frame, day, at: content.firstAt };
  if (redated === null) return [own];
  return [own, { frame, day: redated.receivedDay, at: content.firstAt - redated.shiftMs }];
}

/** Where frames lie that were stored re-dated, by a process that knew a clock which this one did not use. */
async function redatedPlacesOf(transaction: Transaction, frames: readonly NumberedFrame[]): Promise<Place[]> {
  const rows = await transaction.query<{ stream: number; seq: number; shift_ms: number }>(
    `SELECT stream, seq, shift_ms::float8 AS shift_ms
     FROM unnest($1::int4[], $2::int8[]) AS x (stream, seq) JOIN redated_frame USING (stream, seq)`,
    [frames.map(({ stream }) => stream), frames.map(({ entry }) => entry.seq)],
  );
  const shifts = new Map(rows.map((row) => [`${row.stream} ${row.seq}`, row.shift_ms]));
  return frames.flatMap((frame) => {
    const { redated, frame: content, seq } = frame.entry;
    const shiftMs = shifts.get(`${frame.stream} ${seq}`);
    if (shiftMs === undefined) return [];
    const at = content.firstAt - (redated?.shiftMs ?? 0) + shiftMs;
    return [{ frame, day: dayOf(at), at }];
  });
}

function placeParameters(places: readonly Place[]): (Buffer | readonly string[])[] {
  const length = places.length;
  const [days, streams] = [new Column('date', length), new Column('int4', length)];
  const [seqs, times] = [new Column('int8', length), new Column('timestamptz', length)];
  for (const { frame, day, at } of places) {
    days.date(day);
    streams.int4(frame.stream);
    seqs.int8(frame.entry.seq);
    times.timestamp(at);
  }
  const sha256 = byteaArray(places.map(({ frame }) => sha256Of(frame.entry)));
  const serials = places.map(({ frame }) => frame.entry.frame.series[0]?.logger ?? '');
  return [days.bytes, streams.bytes, seqs.bytes, sha256, serials, times.bytes];
}
