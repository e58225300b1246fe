import { Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A device that measures. `registered` is false while it was only heard. */
@Entity({ name: 'logger' })
@Index('logger_by_serial', ['serial'])
@Unique('logger_organisation_id_serial_key', ['organisationId', 'serial'])
export class LoggerDevice {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('integer', { name: 'organisation_id' }) organisationId!: number;
  @Column('text', { name: 'serial' }) serial!: string;
  @Column('integer', { name: 'interval_ms' }) intervalMs!: number;
  @Column('boolean', { name: 'registered' }) registered!: boolean;
  @Column('timestamptz', { name: 'created_at', default: () => 'now()' }) createdAt!: Date;
  @Column('text', { name: 'model', nullable: true }) model!: string | null;
  @Column('date', { name: 'calibration_due', nullable: true }) calibrationDue!: string | null;
  @Column('text', { name: 'calibration_certificate', nullable: true }) calibrationCertificate!: string | null;
  @Column('bigint', { name: 'clock_offset_ms', nullable: true }) clockOffsetMs!: number | null;
  @Column('timestamptz', { name: 'last_reading_at', nullable: true }) lastReadingAt!: Date | null;
  @Column('integer', { name: 'last_gateway_id', nullable: true }) lastGatewayId!: number | null;
  @Column('timestamptz', { name: 'silent_since', nullable: true }) silentSince!: Date | null;
  @Column('text', { name: 'silent_cause', nullable: true }) silentCause!: string | null;
  /** How far its clock may be off. */
  @Column('integer', { name: 'clock_uncertainty_ms', default: 60_000 }) clockUncertaintyMs!: number;
  /** How far what it measures may be off. */
  @Column('integer', { name: 'accuracy_milli_celsius', default: 500 }) accuracyMilliCelsius!: number;
}
