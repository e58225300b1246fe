import { ActRefused, decommissionPack, revertDecommission } from '@coldchain/custody';
import {
  CANONICAL_STEM,
  type Gtin,
  type Lot,
  parseDigitalLink,
  parseGtin,
  parseSerial,
  type Serial,
} from '@coldchain/gs1';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { lotsOfPack } from './packs.queries.js';

/** Packs that leave the supply chain, and come back when that was a mistake. */
@Controller()
export class PacksController {
  constructor(private readonly work: Work) {}

  @Operation('decommissionPack')
  async decommission(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'decommissionPack'>,
  ): Promise<Reply> {
    const { gtin, serial } = packOf(params.id);
    const lot = body.lot ?? (await this.onlyLot(request, gtin, serial));
    const { status } = body;
    return this.work.act(request, body, { gtin, lot, serial, status }, async (act) => [
      await decommissionPack(act, { gtin, lot, serial, status }),
    ]);
  }

  @Operation('revertDecommission')
  async revert(
    @Req() request: ContextRequest,
    @Input() { params, body }: InputOf<'revertDecommission'>,
  ): Promise<Reply> {
    const { gtin, serial } = packOf(params.id);
    const lot = body.lot ?? (await this.onlyLot(request, gtin, serial));
    return this.work.act(request, body, { gtin, lot, serial }, async (act) => [
      await revertDecommission(act, { gtin, lot, serial }),
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

/** `{gtin}.{serial}`, or the path of the pack's Digital Link. @throws Gs1Error */
function packOf(id: string): { readonly gtin: Gtin; readonly serial: Serial } {
  const link = id.startsWith('01/') ? parseDigitalLink(`${CANONICAL_STEM}/${id}`, LINK_YEAR) : null;
  return link === null
    ? { gtin: parseGtin(id.slice(0, 14)), serial: parseSerial(id.slice(15)) }
    : { gtin: parseGtin(link['01'] ?? ''), serial: parseSerial(link['21'] ?? '') };
}

/** A pack's link holds no date, so that no year is looked at. */
const LINK_YEAR = 2026;
