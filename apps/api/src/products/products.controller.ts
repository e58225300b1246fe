import { publishProfile } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { cursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { productsAfter } from './products.queries.js';

/** Products and the versions of what they may take. */
@Controller()
export class ProductsController {
  constructor(private readonly work: Work) {}

  @Operation('publishProfile')
  publish(@Req() request: ContextRequest, @Input() { body }: InputOf<'publishProfile'>): Promise<Reply> {
    const { gtin, name, version, profile } = body;
    return this.work.change(request, async (act) => {
      const published = await publishProfile(act, { productName: name, profile: { gtin, version, ...profile } });
      return { body: { anchor: 'pending', gtin, version: published.version } };
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
