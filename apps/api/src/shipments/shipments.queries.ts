import type { OrganisationTransaction } from '@coldchain/database';

/** A despatch event and how its units stand now. */
export interface ShipmentRow {
  readonly id: number;
  readonly commitment: string;
  readonly event_time: Date;
  readonly sender: string;
  readonly receiver: string | null;
  readonly anchor_state: 'pending' | 'anchored' | 'refused';
  readonly units: readonly {
    readonly sscc: string;
    readonly status: string | null;
    readonly custodian: string | null;
    readonly held: boolean;
    /** The visible act that ended this shipment of the unit; null while there is none. */
    readonly ended: 'receiveUnits' | 'cancelShipment' | 'refuseReceipt' | null;
  }[];
  readonly sender_party: string;
}

/**
 * Despatch events before an id, newest first: those the organisation sent, and those that name it as receiver (an event
 * that only travelled along with later data is part of a trail, not of this list).
 */
export function shipmentsBefore(
  transaction: OrganisationTransaction,
  before: number | null,
  count: number,
): Promise<ShipmentRow[]> {
  return transaction.query<ShipmentRow>(
    `SELECT e.id, e.commitment, e.event_time, s.slug AS sender, s.party AS sender_party, r.slug AS receiver, e.anchor_state,
            coalesce((SELECT jsonb_agg(jsonb_build_object('sscc', u.sscc, 'status', x.state ->> 'status',
                               'custodian', x.state ->> 'custodian',
                               'ended', (SELECT v.command FROM custody_event_object vo
                                         JOIN custody_event v ON v.id = vo.event_id
                                         WHERE vo.object_key = o.object_key AND v.id > e.id AND v.anchor_state <> 'refused'
                                           AND v.command IN ('receiveUnits', 'cancelShipment', 'refuseReceipt')
                                         ORDER BY v.id LIMIT 1),
                               'held', jsonb_array_length(coalesce(x.state -> 'holds', '[]')) > 0) ORDER BY u.sscc)
                      FROM custody_event_object o
                      JOIN unit u ON u.unit_key = o.object_key
                      LEFT JOIN expected_object x ON x.object_type = 'unit' AND x.object_key = o.object_key
                      WHERE o.event_id = e.id AND o.object_type = 'unit'), '[]') AS units
     FROM custody_event e
     JOIN organisation s ON s.id = e.organisation_id
     -- the party in destinationList is a PGLN; its digits end the canonical link
     LEFT JOIN organisation r ON r.gln = right(
       (SELECT d ->> 'destination' FROM jsonb_array_elements(e.document::jsonb -> 'destinationList') d
        WHERE d ->> 'type' LIKE '%possessing_party' LIMIT 1), 13)
     WHERE e.command = 'shipUnits' AND ($1::bigint IS NULL OR e.id < $1)
       AND (e.organisation_id = $3 OR r.id = $3)
     ORDER BY e.id DESC LIMIT $2`,
    [before, count, transaction.organisationId],
  );
}
