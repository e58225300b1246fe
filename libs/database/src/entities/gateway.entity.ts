import { Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A gateway that publishes readings for its organisation. */
@Entity({ name: 'gateway' })
@Unique('gateway_organisation_id_name_key', ['organisationId', 'name'])
export class Gateway {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('integer', { name: 'organisation_id' }) organisationId!: number;
  @Column('text', { name: 'name' }) name!: string;
  @Column('text', { name: 'password_hash', select: false }) passwordHash!: string;
  @Column('boolean', { name: 'accepts_unsequenced', default: false }) acceptsUnsequenced!: boolean;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { name: 'last_seen_at', nullable: true }) lastSeenAt!: Date | null;
}
