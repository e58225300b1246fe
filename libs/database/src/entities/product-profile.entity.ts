import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One published version of what a product may take. */
@Entity({ name: 'product_profile' })
export class ProductProfileVersion {
  @PrimaryColumn('text', { name: 'gtin' }) gtin!: string;
  @PrimaryColumn('integer', { name: 'version' }) version!: number;
  @Column('integer', { name: 'organisation_id' }) organisationId!: number;
  /** `ProductProfile` of the ledger protocol. */
  @Column('jsonb', { name: 'profile' }) profile!: unknown;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
}
