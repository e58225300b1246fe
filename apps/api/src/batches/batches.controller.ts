import type { BatchState } from '@coldchain/chaincode/protocol';
import { certifyBatch, liftRecall, recallBatch, registerBatch } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { Work } from '../http/work.js';
import { batchesAfter } from './batches.queries.js';

/** Class and depth; who recalled is a party's id of the ledger and not shown. */
function recallOf(state: BatchState | null): { class: number; depth: string } | null {
  const recall = state?.recall ?? null;
  return recall === null ? null : { class: recall.class, depth: recall.depth };
}

/** Lots: registered, certified, recalled. */
@Controller()
export class BatchesController {
  constructor(private readonly work: Work) {}

  @Operation('registerBatch')
  register(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerBatch'>): Promise<Reply> {
    const { gtin, lot } = body;
    return this.work.act(request, body, { gtin, lot }, (act) => registerBatch(act, body));
  }

  @Operation('listBatches')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listBatches'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => batchesAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listBatches',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({
        batches: shown.map((row) => ({
          gtin: row.gtin,
          lot: row.lot,
          expiry: row.expiry,
          profileVersion: row.profile_version,
          organisation: row.slug,
          anchored: row.state !== null,
          certified: row.state?.certified ?? false,
          recall: recallOf(row.state),
        })),
      }),
    );
  }

  @Operation('certifyBatch')
  certify(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'certifyBatch'>): Promise<Reply> {
    return this.work.act(request, body, { ...params }, async (act) => [await certifyBatch(act, params)]);
  }

  @Operation('recallBatch')
  recall(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'recallBatch'>): Promise<Reply> {
    const recall = { ...params, class: body.class, depth: body.depth };
    return this.work.act(request, body, { ...params }, async (act) => [await recallBatch(act, recall)]);
  }

  @Operation('liftRecall')
  lift(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'liftRecall'>): Promise<Reply> {
    return this.work.act(request, body, { ...params }, async (act) => [await liftRecall(act, params)]);
  }
}
