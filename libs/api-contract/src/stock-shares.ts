import { z } from 'zod';
import { Instant, OrganisationName } from './scalars.js';

/** What is shared, with whom. */
export const ShareStockBody = z.strictObject({
  product: z
    .string()
    .min(1)
    .max(63)
    .meta({ description: 'Code of an article, or a GTIN: of a pack of an article the article is shared' }),
  receiver: OrganisationName,
});
export const StockSharePath = z.strictObject({
  share: z
    .string()
    .regex(/^\d{1,15}$/)
    .meta({ description: 'Id of a share of the organisation', example: '1' }),
});

export const StockShareAnswer = z.strictObject({
  id: z.string(),
  direction: z.enum(['given', 'received']),
  organisation: z.string().meta({ description: 'Slug of the other organisation' }),
  product: z.string().meta({ description: 'As whoever shares it calls it' }),
  sharedAt: Instant,
  withdrawnAt: Instant.nullable().meta({ description: 'null: it stands' }),
});
export const StockShareList = z.strictObject({ shares: z.array(StockShareAnswer) });
