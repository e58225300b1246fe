import { receiveUnannounced, receiveUnits, shipUnits } from '@coldchain/custody';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { type ShipmentRow, shipmentsBefore } from './shipments.queries.js';

/** Goods that change hands: despatch to a named receiver, and receipts. */
@Controller()
export class ShipmentsController {
  constructor(private readonly work: Work) {}

  @Operation('shipUnits')
  ship(@Req() request: ContextRequest, @Input() { body }: InputOf<'shipUnits'>): Promise<Reply> {
    const { ssccs, receiver } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [await shipUnits(act, { ssccs, receiver })]);
  }

  @Operation('listShipments')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listShipments'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) =>
      shipmentsBefore(tx, numberCursorOf(query.after), query.limit + 1),
    );
    return pageOf(
      'listShipments',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({
        shipments: shown.map((row) => ({
          id: row.commitment,
          shippedAt: row.event_time.toISOString(),
          sender: row.sender,
          receiver: row.receiver,
          anchor: row.anchor_state,
          units: row.units.map((unit) => ({ sscc: unit.sscc, state: stateOf(row, unit), held: unit.held })),
        })),
      }),
    );
  }

  @Operation('receiveUnits')
  receive(@Req() request: ContextRequest, @Input() { body }: InputOf<'receiveUnits'>): Promise<Reply> {
    const { ssccs, unannounced, discrepancy } = body;
    if (unannounced && discrepancy !== undefined) {
      throw new RequestProblem('body-invalid', 'an unannounced receipt is a discrepancy already', [
        { pointer: '/discrepancy', code: 'not-with-unannounced', detail: 'leave it out' },
      ]);
    }
    return this.work.act(request, body, { ssccs }, async (act) => [
      unannounced
        ? await receiveUnannounced(act, { ssccs })
        : await receiveUnits(act, { ssccs, ...(discrepancy === undefined ? {} : { discrepancy }) }),
    ]);
  }
}

/** Custody passes with the receipt: while the sender is custodian of a unit that is not in transit, it came back or never left. */
function stateOf(shipment: ShipmentRow, unit: ShipmentRow['units'][number]): 'in-transit' | 'received' | 'other' {
  if (unit.status === 'in-transit') return 'in-transit';
  return unit.status !== null && unit.custodian !== shipment.sender_party ? 'received' : 'other';
}
