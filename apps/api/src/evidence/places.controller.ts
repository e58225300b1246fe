import {
  assignPlaceLogger,
  enterPlace,
  leavePlace,
  type PlaceIdentifier,
  registerPackaging,
  registerPlace,
  removePlaceLogger,
} from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { packagingsAfter, type PlaceRow, placesAfter } from './places.queries.js';

/** Places with their loggers and units, and qualified packaging. */
@Controller()
export class PlacesController {
  constructor(private readonly work: Work) {}

  @Operation('registerPlace')
  register(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerPlace'>): Promise<Reply> {
    return this.work.change(request, async (act) => {
      const { place, repeated } = await registerPlace(act, body);
      return { body: { name: place.name, identifier: place.identifier }, status: repeated ? 200 : 201 };
    });
  }

  @Operation('listPlaces')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listPlaces'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => placesAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listPlaces',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ places: shown.map(placeAnswer) }),
    );
  }

  @Operation('assignPlaceLogger')
  assign(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'assignPlaceLogger'>): Promise<Reply> {
    return this.work.change(request, async (act) => {
      const { since, repeated } = await assignPlaceLogger(act, { place: params.place, logger: body.logger });
      const answer = { place: params.place, logger: body.logger, since: since.toISOString() };
      return { body: answer, status: repeated ? 200 : 201 };
    });
  }

  @Operation('removePlaceLogger')
  remove(@Req() request: ContextRequest, @Input() { params }: InputOf<'removePlaceLogger'>): Promise<Reply> {
    return this.work.change(request, async (act) => {
      await removePlaceLogger(act, params);
      return { body: { ...params, since: null }, status: 200 };
    });
  }

  @Operation('enterPlace')
  enter(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'enterPlace'>): Promise<Reply> {
    const { ssccs } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [
      await enterPlace(act, { place: params.place, ssccs }),
    ]);
  }

  @Operation('leavePlace')
  leave(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'leavePlace'>): Promise<Reply> {
    const { ssccs } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [
      await leavePlace(act, { place: params.place, ssccs }),
    ]);
  }

  @Operation('registerPackaging')
  registerPackaging(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerPackaging'>): Promise<Reply> {
    if (body.minMilliCelsius >= body.maxMilliCelsius) {
      throw new RequestProblem('packaging-range-invalid', 'minMilliCelsius must be below maxMilliCelsius');
    }
    return this.work.change(request, async (act) => {
      const { repeated } = await registerPackaging(act, body);
      return { body, status: repeated ? 200 : 201 };
    });
  }

  @Operation('listPackagings')
  async listPackagings(@Req() request: ContextRequest, @Input() { query }: InputOf<'listPackagings'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      packagingsAfter(tx, numberCursorOf(query.after), query.limit + 1),
    );
    return pageOf(
      'listPackagings',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({ packagings: shown.map(({ id: _id, ...packaging }) => packaging) }),
    );
  }
}

function placeAnswer({ name, kind, gln, extension, giai, loggers, units }: PlaceRow): Record<string, unknown> {
  const identifier = kind === 'location' ? { kind, gln, extension } : { kind, giai };
  const since = (one: { readonly since: string }): string => new Date(one.since).toISOString();
  return {
    name,
    identifier: identifier satisfies { readonly kind: PlaceIdentifier['kind'] },
    loggers: loggers.map((logger) => ({
      serial: logger.serial,
      since: since(logger),
      lastReadingAt: logger.lastReadingAt === null ? null : new Date(logger.lastReadingAt).toISOString(),
      silentSince: logger.silentSince === null ? null : new Date(logger.silentSince).toISOString(),
    })),
    units: units.map((unit) => ({ sscc: unit.sscc, since: since(unit) })),
  };
}
