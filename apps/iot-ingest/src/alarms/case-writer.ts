import { appendCaseEntries, lockCase, type OrganisationTransaction } from '@coldchain/database';
import {
  type AlarmChange,
  type CaseChange,
  caseNews,
  type CaseState,
  type CaseStep,
  judgeCase,
  NEW_CASE,
} from '@coldchain/telemetry';

interface Opened {
  readonly id: number;
  readonly entries: number;
}

/** Gathers what alarms of one leg mean for the case of its unit, opens it where there is none, and writes all at once. */
export class CaseWriter {
  private opened: Opened | null = null;
  private state: CaseState = NEW_CASE;
  private readonly steps: CaseStep[] = [];

  /** @param now ms since 1970 UTC */
  constructor(
    private readonly transaction: OrganisationTransaction,
    private readonly unitId: number,
    private readonly now: number,
  ) {}

  /** The case of the unit in this organisation's hands, locked. */
  async caseId(): Promise<number> {
    return (await this.open()).id;
  }

  async follow(change: AlarmChange, alarm: number): Promise<void> {
    await this.open();
    this.take(caseNews(this.state, change, alarm));
  }

  async raised(alarm: number): Promise<void> {
    await this.single({ kind: 'alarm-raised', alarm });
  }

  async ended(alarm: number): Promise<void> {
    await this.single({ kind: 'alarm-ended', alarm });
  }

  async withdrawn(alarm: number): Promise<void> {
    await this.single({ kind: 'alarm-withdrawn', alarm });
  }

  async write(): Promise<void> {
    if (this.opened === null) return;
    const at = new Date(this.now);
    await appendCaseEntries(
      this.transaction,
      this.opened,
      this.steps.map((step) => ({ at, account: null, ...step })),
    );
  }

  private async single(change: CaseChange): Promise<void> {
    await this.open();
    const judged = judgeCase(this.state, change);
    if (!judged.ok) throw new Error(`what is measured was refused: ${judged.code}`);
    this.take([{ change, before: this.state, after: judged.state }]);
  }

  private take(steps: readonly CaseStep[]): void {
    this.steps.push(...steps);
    this.state = steps.at(-1)?.after ?? this.state;
  }

  private async open(): Promise<Opened> {
    if (this.opened !== null) return this.opened;
    const { transaction, unitId, now } = this;
    let id = await this.find();
    if (id === undefined) {
      // Only then: an insert that conflicts takes a number, too, and people read the numbers.
      await transaction.query(
        `INSERT INTO deviation_case (organisation_id, unit_id, opened_at) VALUES ($1, $2, $3)
         ON CONFLICT (organisation_id, unit_id) DO NOTHING`,
        [transaction.organisationId, unitId, new Date(now)],
      );
      id = await this.find();
    }
    const locked = id === undefined ? undefined : await lockCase<CaseState>(transaction, id);
    if (locked === undefined) throw new Error(`unit ${unitId} has no case`);
    this.state = locked.state ?? NEW_CASE;
    this.opened = locked;
    return locked;
  }

  private async find(): Promise<number | undefined> {
    const { transaction, unitId } = this;
    const [row] = await transaction.query<{ id: number }>(
      'SELECT id FROM deviation_case WHERE organisation_id = $1 AND unit_id = $2',
      [transaction.organisationId, unitId],
    );
    return row?.id;
  }
}
