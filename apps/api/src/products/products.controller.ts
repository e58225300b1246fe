import { publishProfile } from '@coldchain/custody';
import type { OrganisationTransaction } from '@coldchain/database';
import { Clock } from '@coldchain/kernel';
import { Controller, Req } from '@nestjs/common';
import { Caller, Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { Account, ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { productOwner, productsAfter } from './products.queries.js';
import { chainsOf } from '../verification/collect-facts.js';
import type { UnitFacts } from '../verification/verdict-facts.js';
import { whatIf, type WhatIfUnit } from './what-if.js';
import { legStatesOf, unitsOfProduct, versionsOf } from './what-if.queries.js';

/** Products and the versions of what they may take. */
@Controller()
export class ProductsController {
  constructor(
    private readonly work: Work,
    private readonly clock: Clock,
  ) {}

  @Operation('publishProfile')
  publish(@Req() request: ContextRequest, @Input() { body }: InputOf<'publishProfile'>): Promise<Reply> {
    const { gtin, name, version, profile } = body;
    return this.work.change(request, async (act) => {
      const published = await publishProfile(act, { productName: name, profile: { gtin, version, ...profile } });
      return { body: { anchor: 'pending', gtin, version: published.version } };
    });
  }

  @Operation('whatIfProfile')
  whatIf(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'whatIfProfile'>,
    @Caller() account: Account,
  ): Promise<Record<string, unknown>> {
    return this.work.read(request, async (tx) => {
      const owner = await productOwner(tx, params.gtin);
      if (owner === null) throw new RequestProblem('product-unknown', 'no profile of it is published');
      if (owner !== account.organisation.id)
        throw new RequestProblem('product-not-owned', 'its owner plans its profiles');
      const versions = await versionsOf(tx, params.gtin);
      const units = await unitsOfProduct(tx, params.gtin);
      const legs = await legStatesOf(
        tx,
        units.map((unit) => unit.unit_key),
      );
      const proposed = { gtin: params.gtin, version: versions.size + 1, ...body.profile };
      const now = this.clock.now();
      const chains = await chainsByUnit(
        tx,
        units.map((unit) => unit.unit_key),
        now,
      );
      const judged = whatIf({ proposed, versions, chains, now }, units, legs);
      const changes = ({ before, after, evidence }: WhatIfUnit): boolean =>
        before !== after || evidence.before !== evidence.after;
      return { units: judged.map((unit) => ({ ...unit, changes: changes(unit) })) };
    });
  }

  @Operation('listProducts')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listProducts'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => productsAfter(tx, cursorOf(query.after), query.limit + 1));
    return pageOf(
      'listProducts',
      query.limit,
      rows,
      (row) => row.gtin,
      (shown) => ({
        products: shown.map((row) => ({
          gtin: row.gtin,
          name: row.name,
          organisation: row.slug,
          profiles: row.profiles.map(({ published_at, ...version }) => ({
            ...version,
            publishedAt: new Date(published_at).toISOString(),
          })),
        })),
      }),
    );
  }
}

/** Units whose evidence is read at once. */
const CHAINS_AT_ONCE = 200;

/** What verdicts know of units and those around them, by the key of the innermost. */
async function chainsByUnit(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, readonly UnitFacts[]>> {
  const found = new Map<string, readonly UnitFacts[]>();
  for (let from = 0; from < unitKeys.length; from += CHAINS_AT_ONCE) {
    for (const chain of await chainsOf(transaction, unitKeys.slice(from, from + CHAINS_AT_ONCE), now)) {
      if (chain[0] !== undefined) found.set(chain[0].key, chain);
    }
  }
  return found;
}
