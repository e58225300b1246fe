import { Database } from '@coldchain/database';
import { sleep } from '@coldchain/kernel';

/** Statements at which a worker can be held: the table, and the row that is about to be written. */
const POINTS = {
  /** A proposal is endorsed and about to be stored: nothing was submitted. */
  'before submit': {
    key: 7_001,
    table: 'outbox',
    event: 'UPDATE',
    when: `OLD.state = 'pending' AND NEW.state = 'submitted'`,
  },
  /** The embedded ledger is writing a block. */
  'after submit': { key: 7_002, table: 'embedded_ledger.block', event: 'INSERT', when: 'true' },
  /** It is in a block, and about to be noted so. */
  'after commit': { key: 7_003, table: 'outbox', event: 'UPDATE', when: `NEW.state = 'committed'` },
} as const;

/** The name of a point. */
export type HoldPointName = keyof typeof POINTS;

/**
 * Holds every worker of a database at one statement, deterministically: a trigger waits there for a lock that a session of
 * the spec has. What happened before that statement has happened, what comes after it has not.
 */
export class HoldPoint {
  private constructor(
    private readonly session: Database,
    private readonly key: number,
  ) {}

  /** From now on nobody gets past the point. */
  static async at(url: string, name: HoldPointName): Promise<HoldPoint> {
    const { key, table, event, when } = POINTS[name];
    const session = Database.open({ url, role: null, maxConnections: 1, applicationName: 'hold-point' });
    await session.query(`CREATE OR REPLACE FUNCTION spec_hold() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::bigint); RETURN NEW; END $$`);
    await session.query(`CREATE OR REPLACE TRIGGER spec_hold_${key} BEFORE ${event} ON ${table}
      FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION spec_hold(${key})`);
    await session.query('SELECT pg_advisory_lock($1)', [key]);
    return new HoldPoint(session, key);
  }

  /** Waits until a worker is held. */
  async reached(): Promise<void> {
    for (;;) {
      const waiting = await this.session.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        [this.key],
      );
      if (waiting.length > 0) return;
      await sleep(5);
    }
  }

  /** Ends the sessions that are held, so that their statements never happened. */
  async cut(): Promise<void> {
    await this.session.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [this.key],
    );
  }

  /** Lets go who is held, and everybody from now on. */
  async release(): Promise<void> {
    await this.session.close();
  }
}
