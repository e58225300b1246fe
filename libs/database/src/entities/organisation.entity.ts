import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A party of the network; `served` ones have their data in this database. */
@Entity({ name: 'organisation' })
export class Organisation {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('text', { name: 'slug', unique: true }) slug!: string;
  @Column('text', { name: 'name' }) name!: string;
  /** Ledger identity: MSP id and enrolment name. */
  @Column('text', { name: 'party', unique: true }) party!: string;
  @Column('text', { name: 'gln' }) gln!: string;
  @Column('text', { name: 'prefixes', array: true }) prefixes!: string[];
  @Column('text', { name: 'roles', array: true }) roles!: string[];
  @Column('boolean', { name: 'served' }) served!: boolean;
  /** Whether frames without a verified signature are refused. */
  @Column('boolean', { name: 'signatures_required', default: false }) signaturesRequired!: boolean;
}
