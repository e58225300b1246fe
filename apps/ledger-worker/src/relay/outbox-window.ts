import type { Command } from '@coldchain/chaincode/protocol';
import type { Pool } from 'pg';
import type { OpenRow } from './outbox-row.js';

const OPEN = `SELECT id, command, object_keys, priority, state, next_attempt_at <= now() AS due FROM outbox
              WHERE state IN ('pending', 'submitted') AND held_by IS NULL`;

interface StoredOpenRow {
  id: number | string;
  command: Command;
  object_keys: string[];
  priority: number;
  state: 'pending' | 'submitted';
  due: boolean;
}

const openRow = (row: StoredOpenRow): OpenRow => ({
  id: Number(row.id),
  command: row.command,
  objectKeys: row.object_keys,
  priority: row.priority,
  state: row.state,
  due: row.due,
});

/** Each is compared with all earlier open rows. */
const URGENT_AT_ONCE = 8;

/** Whether a row keeps goods from being used: it overtakes others and has places in flight that they do not take. */
export const isUrgent = ({ priority }: Pick<OpenRow, 'priority'>): boolean => priority < 1;

/** What the relay looks at: the open rows that wait for nothing but their turn. */
export class OutboxWindow {
  constructor(
    private readonly pool: Pool,
    private readonly size: number,
  ) {}

  /**
   * The oldest open rows of every priority, in order of their id and complete up to the last one; and urgent rows beyond
   * them that stand behind nothing.
   */
  async open(): Promise<{ readonly complete: OpenRow[]; readonly urgent: OpenRow[] }> {
    // Three ranges, because the index leads with the priority; other priorities than 0 and 1 are not in use, nor lost.
    const classes = await Promise.all(
      ['priority < 1', 'priority = 1', 'priority > 1'].map(async (range) => {
        const { rows } = await this.pool.query<StoredOpenRow>(`${OPEN} AND ${range} ORDER BY id LIMIT $1`, [this.size]);
        return rows.map(openRow);
      }),
    );
    const full = classes.filter((rows) => rows.length === this.size);
    const horizon = Math.min(...full.map((rows) => rows.at(-1)?.id ?? 0));
    const all = classes.flat().sort((a, b) => a.id - b.id);
    return {
      complete: all.filter((row) => row.id <= horizon),
      urgent: await this.unobstructed(all.filter((row) => row.id > horizon && isUrgent(row))),
    };
  }

  /** The oldest urgent rows that stand behind nothing. */
  async urgent(): Promise<OpenRow[]> {
    const { rows } = await this.pool.query<StoredOpenRow>(`${OPEN} AND priority < 1 ORDER BY id LIMIT $1`, [this.size]);
    return this.unobstructed(rows.map(openRow));
  }

  /** Of the first of these rows those that no earlier open row holds back. */
  private async unobstructed(all: readonly OpenRow[]): Promise<OpenRow[]> {
    const candidates = all.slice(0, URGENT_AT_ONCE);
    if (candidates.length === 0) return [];
    const { rows } = await this.pool.query<StoredOpenRow>(
      `SELECT * FROM (${OPEN}) o
       WHERE id = ANY($1) AND NOT EXISTS (
         SELECT 1 FROM outbox e WHERE e.state IN ('pending', 'submitted') AND e.id < o.id
           AND (e.object_keys && o.object_keys OR e.command IN ('registerParty', 'publishProfile')))`,
      [candidates.map((row) => row.id)],
    );
    return rows.map(openRow);
  }
}
