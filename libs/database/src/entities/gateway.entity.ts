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
  /** A model that the decoder knows, or `own` with a mapping; null: the platform's own forms. */
  @Column('text', { name: 'model', nullable: true }) model!: string | null;
  @Column('jsonb', { name: 'mapping', nullable: true }) mapping!: object | null;
  @Column('jsonb', { name: 'status', nullable: true }) status!: object | null;
  @Column('timestamptz', { name: 'status_at', nullable: true }) statusAt!: Date | null;
  /** Server's clock minus gateway's. */
  @Column('bigint', { name: 'clock_offset_ms', nullable: true }) clockOffsetMs!: number | null;
}
