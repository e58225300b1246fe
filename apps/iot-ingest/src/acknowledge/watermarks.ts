import type { Database } from '@coldchain/database';
import { acknowledgeBoot, type BootAcknowledgement, type Rejection, type WatermarkChunk } from './acknowledgement.js';

/** Boots that are acknowledged without being asked for: the newest of a gateway. */
const NEWEST_BOOTS = 4;
/** Rejected numbers that are named for a boot although they lie below its contiguous point. */
const NEWEST_REJECTED = 256;
/** Rejected numbers that the contiguous point can go over at once. */
const PASSED_REJECTED = 1024;
const REMEMBERED = 100_000;

interface StreamRow {
  readonly id: number;
  readonly gateway_id: number;
  readonly boot: string;
}

interface ChunkRow {
  readonly stream: number;
  readonly chunk: number;
  readonly bits: string;
}

interface RejectedRow {
  readonly gateway_id: number;
  readonly boot: string;
  readonly seq: number;
  readonly code: string;
}

/** A gateway, and boots of it that must be in its acknowledgement beside the newest. */
export interface AcknowledgementRequest {
  readonly gatewayId: number;
  readonly boots: ReadonlySet<string>;
}

/**
 * Computes acknowledgements from the database, for many gateways at once. Of each stream it remembers below which number
 * all is settled (that never falls), so that it reads the rows from there on only.
 */
export class Watermarks {
  private readonly settledBelow = new Map<number, number>();
  private readonly first = new Map<number, number>();

  constructor(
    private readonly database: Database,
    private readonly unsequencedBoot: string,
  ) {}

  async of(requests: readonly AcknowledgementRequest[]): Promise<Map<number, BootAcknowledgement[]>> {
    const answers = new Map<number, BootAcknowledgement[]>(requests.map(({ gatewayId }) => [gatewayId, []]));
    const streams = await this.streams(requests);
    if (streams.length === 0) return answers;
    if (this.settledBelow.size > REMEMBERED) this.settledBelow.clear();
    if (this.first.size > REMEMBERED) this.first.clear();
    const [chunks, rejected] = await Promise.all([this.chunks(streams), this.rejected(streams)]);
    for (const stream of streams) {
      const below = this.settledBelow.get(stream.id) ?? 0;
      const ofStream = chunks.get(stream.id) ?? [];
      const refusals = rejected.get(`${stream.gateway_id} ${stream.boot}`) ?? [];
      const answer = acknowledgeBoot(
        stream.boot,
        ofStream,
        refusals,
        below,
        this.firstOf(stream.id, ofStream, refusals),
      );
      this.settledBelow.set(stream.id, answer.contiguous + 1);
      answers.get(stream.gateway_id)?.push(answer);
    }
    return answers;
  }

  private firstOf(stream: number, chunks: readonly WatermarkChunk[], rejected: readonly Rejection[]): number | null {
    const [row] = chunks;
    const stored = row === undefined ? Infinity : row.chunk * 1024 + row.bits.indexOf('1');
    const smallest = Math.min(this.first.get(stream) ?? Infinity, stored, ...rejected.map(([seq]) => seq));
    if (!Number.isFinite(smallest)) return null;
    this.first.set(stream, smallest);
    return smallest;
  }

  private streams(requests: readonly AcknowledgementRequest[]): Promise<StreamRow[]> {
    const named = requests.flatMap(({ gatewayId, boots }) => [...boots].map((boot) => ({ gatewayId, boot })));
    return this.database.query<StreamRow>(
      `SELECT s.id, s.gateway_id, s.boot FROM unnest($1::int4[]) AS asked (gateway_id)
       CROSS JOIN LATERAL (SELECT n.id, n.gateway_id, n.boot FROM stream n
                           WHERE n.gateway_id = asked.gateway_id AND n.boot <> $2 ORDER BY n.id DESC LIMIT $3) s
       UNION
       SELECT s.id, s.gateway_id, s.boot FROM unnest($4::int4[], $5::text[]) AS named (gateway_id, boot)
       JOIN stream s USING (gateway_id, boot)
       ORDER BY id`,
      [
        requests.map(({ gatewayId }) => gatewayId),
        this.unsequencedBoot,
        NEWEST_BOOTS,
        named.map(({ gatewayId }) => gatewayId),
        named.map(({ boot }) => boot),
      ],
    );
  }

  private async chunks(streams: readonly StreamRow[]): Promise<Map<number, WatermarkChunk[]>> {
    const rows = await this.database.query<ChunkRow>(
      `SELECT w.stream, w.chunk, w.got::text AS bits FROM unnest($1::int4[], $2::int8[]) AS asked (stream, chunk)
       JOIN stream_watermark w ON w.stream = asked.stream AND w.chunk >= asked.chunk ORDER BY w.stream, w.chunk`,
      [streams.map(({ id }) => id), streams.map(({ id }) => Math.floor((this.settledBelow.get(id) ?? 0) / 1024))],
    );
    const byStream = new Map<number, WatermarkChunk[]>();
    for (const { stream, chunk, bits } of rows) {
      const known = byStream.get(stream) ?? [];
      known.push({ chunk, bits });
      byStream.set(stream, known);
    }
    return byStream;
  }

  private async rejected(streams: readonly StreamRow[]): Promise<Map<string, Rejection[]>> {
    const rows = await this.database.query<RejectedRow>(
      `SELECT DISTINCT ON (asked.gateway_id, asked.boot, r.seq) asked.gateway_id, asked.boot, r.seq, r.code
       FROM unnest($1::int4[], $2::text[], $3::int8[]) AS asked (gateway_id, boot, below)
       CROSS JOIN LATERAL (
         (SELECT l.id, l.seq, l.code FROM dead_letter l
          WHERE l.gateway_id = asked.gateway_id AND l.boot = asked.boot AND l.seq IS NOT NULL
          ORDER BY l.id DESC LIMIT $4)
         UNION ALL
         (SELECT l.id, l.seq, l.code FROM dead_letter l
          WHERE l.gateway_id = asked.gateway_id AND l.boot = asked.boot AND l.seq >= asked.below
          ORDER BY l.seq LIMIT $5)
       ) r
       ORDER BY asked.gateway_id, asked.boot, r.seq, r.id DESC`,
      [
        streams.map(({ gateway_id }) => gateway_id),
        streams.map(({ boot }) => boot),
        streams.map(({ id }) => this.settledBelow.get(id) ?? 0),
        NEWEST_REJECTED,
        PASSED_REJECTED,
      ],
    );
    const byBoot = new Map<string, Rejection[]>();
    for (const { gateway_id, boot, seq, code } of rows) {
      const name = `${gateway_id} ${boot}`;
      const known = byBoot.get(name) ?? [];
      known.push([seq, code]);
      byBoot.set(name, known);
    }
    return byBoot;
  }
}
