import { profileId, type ProductProfile } from '@coldchain/chaincode/protocol';
import type { ActContext } from './act-context.js';
import { ActRefused } from './act-refused.js';
import { enqueue, judge } from './record-act.js';
import { writeExpected } from './expected-state.js';

/** A new version of what a product may take. `productName` is stored here only: the ledger gets no names. */
export interface PublishProfile {
  readonly productName: string;
  readonly profile: ProductProfile;
}

/**
 * Publishes a profile version: stored, judged and queued for the ledger. Versions start at 1 and have no holes; a
 * published one never changes. No EPCIS event: nothing happened to goods.
 *
 * @throws ActRefused `product-not-owned`, `version-not-next`, or what the contract refuses.
 */
export async function publishProfile(context: ActContext, input: PublishProfile): Promise<{ version: number }> {
  const { transaction, organisation } = context;
  const { gtin, version } = input.profile;
  await transaction.query(
    'INSERT INTO product (gtin, organisation_id, name) VALUES ($1, $2, $3) ON CONFLICT (gtin) DO NOTHING',
    [gtin, organisation.id, input.productName],
  );
  const [product] = await transaction.query<{ organisation_id: number; newest: number }>(
    `SELECT p.organisation_id, coalesce((SELECT max(version) FROM product_profile f WHERE f.gtin = p.gtin), 0)::integer AS newest
     FROM product p WHERE p.gtin = $1`,
    [gtin],
  );
  if (product?.organisation_id !== organisation.id) throw new ActRefused('product-not-owned', { gtin });
  if (version !== product.newest + 1)
    throw new ActRefused('version-not-next', { gtin, version, next: product.newest + 1 });
  const payload = { profile: input.profile };
  const decision = await judge(context, 'publishProfile', payload);
  await writeExpected(transaction, decision.writes);
  await transaction.query(
    'INSERT INTO product_profile (gtin, version, organisation_id, profile) VALUES ($1, $2, $3, $4)',
    [gtin, version, organisation.id, JSON.stringify(input.profile)],
  );
  await enqueue(context, 'publishProfile', payload, decision, [], null);
  return { version };
}

/** The profile that a batch was registered under. */
export async function profileOfBatch(context: ActContext, gtin: string, version: number): Promise<string> {
  const [row] = await context.transaction.query<{ version: number }>(
    'SELECT version FROM product_profile WHERE gtin = $1 AND version = $2',
    [gtin, version],
  );
  if (row === undefined) throw new ActRefused('product-unknown', { gtin, version });
  return profileId({ gtin, version });
}
