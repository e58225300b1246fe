import type { OrganisationTransaction } from '@coldchain/database';
import type { Sscc } from '@coldchain/gs1';

export async function ssccOfKey(transaction: OrganisationTransaction, unitKey: string): Promise<Sscc | undefined> {
  const [row] = await transaction.query<{ sscc: Sscc }>('SELECT sscc FROM unit WHERE unit_key = $1', [unitKey]);
  return row?.sscc;
}
