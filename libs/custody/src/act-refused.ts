import type { Refusal } from '@coldchain/chaincode/protocol';
import { DomainError } from '@coldchain/kernel';

/** Refusals that precede the ledger's rules: what an act names is not known here, or not in a way that can be told. */
export const CUSTODY_REFUSALS = [
  'product-unknown',
  'product-not-owned',
  'logger-unknown',
  'logger-bound',
  'logger-not-bound',
  'logger-ambiguous',
  'logger-in-place',
  'logger-not-in-place',
  'unit-watched',
  'place-unknown',
  'place-exists-differently',
  'unit-not-in-place',
  'packaging-unknown',
  'packaging-exists-differently',
  'pack-unknown',
  'pack-repeated',
  'pack-not-in-unit',
  'lot-exists',
  'sscc-exists',
  'version-not-next',
  'shipment-unknown',
  'organisation-unknown',
  'organisation-exists',
  'until-passed',
  'event-recorded-otherwise',
] as const;
export type CustodyRefusal = (typeof CUSTODY_REFUSALS)[number];

/** An act was not captured: the same rules that the contract applies, or one of {@link CUSTODY_REFUSALS}, said no. */
export class ActRefused extends DomainError<Refusal | CustodyRefusal> {
  constructor(
    readonly code: Refusal | CustodyRefusal,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(`refused: ${code}`, details);
  }
}
