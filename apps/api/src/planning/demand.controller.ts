import { EntityDatabase } from '@coldchain/database';
import { dayAfter, formatDay } from '@coldchain/forecast';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import { type Account, type ContextRequest, contextOf } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { importDemand } from './demand-import.js';
import { historiesOf } from './history-reader.js';
import { startOfPeriod } from './list-coverage.js';
import { isKeyAfter, keyCursorOf, keyText } from './planning-key.js';
import { planningKeys, planningSetting } from './planning.queries.js';
import { withReceivedFile } from './received-file.js';

/** Demand: lists that come in, and what is known. */
@Controller()
export class DemandController {
  constructor(
    private readonly work: Work,
    private readonly database: EntityDatabase,
    private readonly clock: Clock,
  ) {}

  @Operation('importDemand')
  import(
    @Req() request: ContextRequest,
    @Input() { query }: InputOf<'importDemand'>,
    @Caller() { name, organisation }: Account,
  ): Promise<Reply> {
    return withReceivedFile(request, async (file) => {
      const sha256 = file.sha256.toString('hex');
      // An Idempotency-Key stands for the content, too.
      contextOf(request).input = { query, sha256 };
      const outcome = await importDemand(this.database, file, {
        organisationId: organisation.id,
        importedBy: name,
        site: organisation.gln,
        source: query.source,
      });
      return this.work.change(request, () =>
        Promise.resolve({ body: { sha256, ...outcome }, status: outcome.repeated ? 200 : 201 }),
      );
    });
  }

  @Operation('listDemand')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listDemand'>): Promise<Reply> {
    const after = keyCursorOf(query.after);
    return this.work.read(request, async (tx) => {
      const frequency = query.frequency ?? (await planningSetting(tx)).frequency;
      const until = startOfPeriod(Math.floor(this.clock.now() / 86_400_000), frequency);
      const { product, site } = query;
      const only = { products: product === undefined ? undefined : [product], site };
      const keys = (await planningKeys(tx, only)).filter((key) => after === null || isKeyAfter(key, after));
      const histories = await historiesOf(tx, keys.slice(0, query.limit), frequency, until);
      const rows = keys.slice(0, query.limit + 1);
      return pageOf(
        'listDemand',
        query.limit,
        rows,
        keyText,
        () => ({
          frequency,
          series: histories.flatMap(({ key, history }) =>
            history === null
              ? []
              : [
                  {
                    ...key,
                    source: history.source,
                    sources: history.sources,
                    periods: history.quantities.map((quantity, at) => ({
                      from: formatDay(dayAfter(history.firstDay, frequency, at)),
                      quantity,
                      available: history.available[at] ?? 1,
                    })),
                  },
                ],
          ),
        }),
        { product: query.product, site: query.site, frequency: query.frequency },
      );
    });
  }
}
