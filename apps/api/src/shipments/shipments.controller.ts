import {
  cancelShipment,
  receiveUnannounced,
  receiveUnits,
  refuseReceipt,
  resolveDiscrepancy,
  shipUnits,
} from '@coldchain/custody';
import { unreachable } from '@coldchain/kernel';
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
    const { ssccs, receiver, place } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [
      await shipUnits(act, { ssccs, receiver, ...(place === undefined ? {} : { place }) }),
    ]);
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

  @Operation('cancelShipment')
  cancel(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'cancelShipment'>): Promise<Reply> {
    const { shipment } = params;
    return this.work.act(request, body, { shipment }, async (act) => [
      await cancelShipment(act, { shipment, ...(body.ssccs === undefined ? {} : { ssccs: body.ssccs }) }),
    ]);
  }

  @Operation('refuseReceipt')
  refuse(@Req() request: ContextRequest, @Input() { params, body }: InputOf<'refuseReceipt'>): Promise<Reply> {
    const { shipment } = params;
    const { discrepancy, ssccs } = body;
    return this.work.act(request, body, { shipment }, async (act) => [
      await refuseReceipt(act, { shipment, discrepancy, ...(ssccs === undefined ? {} : { ssccs }) }),
    ]);
  }

  @Operation('resolveDiscrepancy')
  resolve(@Req() request: ContextRequest, @Input() { body }: InputOf<'resolveDiscrepancy'>): Promise<Reply> {
    const { ssccs, custodyTo } = body;
    return this.work.act(request, body, { ssccs }, async (act) => [
      await resolveDiscrepancy(act, { ssccs, ...(custodyTo === undefined ? {} : { custodyTo }) }),
    ]);
  }
}

type UnitState = 'in-transit' | 'received' | 'cancelled' | 'refused' | 'other';

/** How this shipment of a unit ended, by the first act after it; the unit may be on its way again by now. */
function stateOf(shipment: ShipmentRow, unit: ShipmentRow['units'][number]): UnitState {
  switch (unit.ended) {
    case 'cancelShipment':
      return 'cancelled';
    case 'refuseReceipt':
      return 'refused';
    case 'receiveUnits':
      return 'received';
    case null:
      if (unit.status === 'in-transit') return 'in-transit';
      // Custody passes with the receipt: a unit that is with its sender came back or never left.
      return unit.status !== null && unit.custodian !== shipment.sender_party ? 'received' : 'other';
    default:
      return unreachable(unit.ended);
  }
}
