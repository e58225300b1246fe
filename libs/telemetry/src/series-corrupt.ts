import { DomainError } from '@coldchain/kernel';

/** Packed bytes that are not what packing writes. */
export class SeriesCorrupt extends DomainError<'series-corrupt'> {
  readonly code = 'series-corrupt';
}
