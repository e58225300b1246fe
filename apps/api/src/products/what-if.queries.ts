import type { ProductProfile, UnitState } from '@coldchain/chaincode/protocol';
import type { OrganisationTransaction } from '@coldchain/database';
import type { LegState } from '@coldchain/telemetry';

/** A unit that the organisation sees, by what is expected of it. */
export interface WhatIfUnitRow {
  readonly unit_key: string;
  readonly sscc: string;
  readonly state: UnitState;
}

/** Units whose own thermal state, or that of what came out of them, concerns a product. */
export function unitsOfProduct(transaction: OrganisationTransaction, gtin: string): Promise<WhatIfUnitRow[]> {
  return transaction.query<WhatIfUnitRow>(
    `SELECT u.unit_key, u.sscc, coalesce(e.state, l.state) AS state
     FROM unit u
     LEFT JOIN expected_object e ON e.object_type = 'unit' AND e.object_key = u.unit_key
     LEFT JOIN ledger_object l ON l.object_type = 'unit' AND l.object_key = u.unit_key
     WHERE EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(e.state, l.state) -> 'batches') AS content
                   WHERE starts_with(content ->> 'profile', $1 || '/'))
     ORDER BY u.sscc, u.unit_key`,
    [gtin],
  );
}

/** A visible leg with the state that its evaluation left. */
export interface WhatIfLegRow {
  readonly unit_key: string;
  readonly leg_key: string;
  readonly state: LegState | null;
}

/** Visible legs of some units. */
export function legStatesOf(
  transaction: OrganisationTransaction,
  unitKeys: readonly string[],
): Promise<WhatIfLegRow[]> {
  return transaction.query<WhatIfLegRow>(
    `SELECT u.unit_key, l.leg_key, l.state FROM leg l JOIN unit u ON u.id = l.unit_id WHERE u.unit_key = ANY($1)`,
    [unitKeys],
  );
}

/** Published versions of a product by `gtin/version`. */
export async function versionsOf(
  transaction: OrganisationTransaction,
  gtin: string,
): Promise<ReadonlyMap<string, ProductProfile>> {
  const rows = await transaction.query<{ version: number; profile: ProductProfile }>(
    'SELECT version, profile FROM product_profile WHERE gtin = $1',
    [gtin],
  );
  return new Map(rows.map(({ version, profile }) => [`${gtin}/${version}`, profile]));
}
