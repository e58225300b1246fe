import type { AnswerOf } from '@coldchain/api-contract';
import { stepAfter } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf } from '../http/paging.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { type ArrivalPlace, type ArrivalRow, arrivalsAfter, placeOfNow, refusedLately } from './arrivals.queries.js';

type Arrivals = AnswerOf<'listArrivals'>;

/** Of what was refused before anybody looked so much is told. */
const REFUSED_LATELY = 20;

/** What arrives from gateways, for a person who watches. */
@Controller()
export class ArrivalsController {
  constructor(private readonly work: Work) {}

  @Operation('listArrivals')
  async arrivals(@Req() request: ContextRequest, @Input() { query }: InputOf<'listArrivals'>): Promise<Arrivals> {
    const { gateway = null, limit } = query;
    const place = placeOf(query.after);
    return this.work.read(request, async (tx) => {
      if (place === null) {
        const next = await placeOfNow(tx);
        const refused = await refusedLately(tx, gateway, Math.min(limit, REFUSED_LATELY));
        return { arrivals: refused.map(arrivalOf), next: textOf(next) };
      }
      const rows = await arrivalsAfter(tx, place, gateway, limit);
      return { arrivals: rows.map(arrivalOf), next: textOf(rows.at(-1) ?? place) };
    });
  }
}

function placeOf(after: string | undefined): ArrivalPlace | null {
  const text = cursorOf(after);
  if (text === null) return null;
  const [, xid, stream, seq] = /^(\d{1,19}):(-?\d{1,9}):(\d{1,18})$/.exec(text) ?? [];
  if (xid === undefined || stream === undefined || seq === undefined) {
    throw new RequestProblem('query-invalid', 'after: take `next` of an answer');
  }
  return { xid, stream: Number(stream), seq };
}

function textOf({ xid, stream, seq }: ArrivalPlace): string {
  return Buffer.from(`${xid}:${stream}:${seq}`, 'utf8').toString('base64url');
}

function arrivalOf(row: ArrivalRow): Arrivals['arrivals'][number] {
  const numbered = {
    gateway: row.gateway,
    boot: row.boot,
    sequence: row.sequence === null ? null : Number(row.sequence),
    receivedAt: row.received_at.toISOString(),
  };
  if (row.code !== null) {
    const { code, details, bytes } = row;
    return { kind: 'refused', ...numbered, code, details: details ?? {}, bytes: bytes ?? 0, nextStep: stepAfter(code) };
  }
  const [firstAt, lastAt] = [row.first_at ?? row.received_at, row.last_at ?? row.received_at];
  return {
    kind: 'stored',
    ...numbered,
    loggers: [...(row.loggers ?? [])],
    readings: row.readings ?? 0,
    firstAt: firstAt.toISOString(),
    lastAt: lastAt.toISOString(),
    lagMs: row.received_at.getTime() - lastAt.getTime(),
    clockOffsetMs: row.clock_offset_ms,
    shiftMs: row.shift_ms,
    signed: row.signed === true,
  };
}
