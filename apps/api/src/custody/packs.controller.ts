import { ActRefused, decommissionPack } from '@coldchain/custody';
import { type Gtin, type Lot, parseGtin, parseSerial, type Serial } from '@coldchain/gs1';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { lotsOfPack } from './packs.queries.js';

/** Packs that leave the supply chain. */
@Controller()
export class PacksController {
  constructor(private readonly work: Work) {}

  @Operation('decommissionPack')
  async decommission(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'decommissionPack'>,
  ): Promise<Reply> {
    const gtin = parseGtin(params.id.slice(0, 14));
    const serial = parseSerial(params.id.slice(15));
    const lot = body.lot ?? (await this.onlyLot(request, gtin, serial));
    const { status } = body;
    return this.work.act(request, body, { gtin, lot, serial, status }, async (act) => [
      await decommissionPack(act, { gtin, lot, serial, status }),
    ]);
  }

  /** A serial number is unique within a product, so the code of a pack needs no lot; two lots with it must be told apart. */
  private async onlyLot(request: ContextRequest, gtin: Gtin, serial: Serial): Promise<Lot> {
    const [lot, other] = await this.work.read(request, (tx) => lotsOfPack(tx, gtin, serial));
    if (lot === undefined) throw new ActRefused('pack-unknown', { gtin, serial });
    if (other !== undefined) {
      throw new RequestProblem('body-invalid', 'two lots hold this serial number', [
        { pointer: '/lot', code: 'ambiguous', detail: 'name the lot' },
      ]);
    }
    return lot;
  }
}
