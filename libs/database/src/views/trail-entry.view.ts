import { ViewColumn, ViewEntity } from 'typeorm';

/** One custody event about one object, joined with its anchor. The view itself is made by a migration. */
@ViewEntity({ name: 'trail_entry', synchronize: false })
export class TrailEntry {
  @ViewColumn({ name: 'object_type' }) objectType!: 'batch' | 'unit' | 'pack';
  @ViewColumn({ name: 'object_key' }) objectKey!: string;
  @ViewColumn({ name: 'event_id' }) eventId!: number;
  @ViewColumn({ name: 'organisation_id' }) organisationId!: number;
  @ViewColumn({ name: 'captured_by_slug' }) capturedBySlug!: string;
  @ViewColumn({ name: 'captured_by' }) capturedBy!: string;
  @ViewColumn({ name: 'event_type' }) eventType!: string;
  @ViewColumn({ name: 'action' }) action!: string | null;
  @ViewColumn({ name: 'biz_step' }) bizStep!: string | null;
  @ViewColumn({ name: 'disposition' }) disposition!: string | null;
  @ViewColumn({ name: 'event_time' }) eventTime!: Date;
  @ViewColumn({ name: 'recorded_at' }) recordedAt!: Date;
  /** RFC 8785 text of the event. */
  @ViewColumn({ name: 'document' }) document!: string;
  @ViewColumn({ name: 'hash_profile' }) hashProfile!: string;
  @ViewColumn({ name: 'event_hash' }) eventHash!: string;
  @ViewColumn({ name: 'digest' }) digest!: string;
  @ViewColumn({ name: 'commitment' }) commitment!: string;
  @ViewColumn({ name: 'command' }) command!: string;
  @ViewColumn({ name: 'anchor_state' }) anchorState!: 'pending' | 'anchored' | 'refused';
  @ViewColumn({ name: 'refusal' }) refusal!: { code: string; details: unknown } | null;
  @ViewColumn({ name: 'transaction_id' }) transactionId!: string | null;
  @ViewColumn({ name: 'block' }) block!: number | null;
  @ViewColumn({ name: 'anchored_at' }) anchoredAt!: Date | null;
}
