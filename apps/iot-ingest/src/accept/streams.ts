import type { Database } from '@coldchain/database';

const REMEMBERED = 100_000;

/** (gateway, boot), whose small number frames carry. */
export interface StreamKey {
  readonly gatewayId: number;
  readonly boot: string;
}

interface StreamRow {
  readonly id: number;
  readonly gateway_id: number;
  readonly boot: string;
}

/** The numbers of streams; they never change, so they are remembered for as long as there is room. */
export class Streams {
  private readonly known = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** Makes sure that all of these have a number; afterwards {@link idOf} knows them. */
  async ensure(keys: readonly StreamKey[]): Promise<void> {
    const missing = [...new Map(keys.map((key) => [nameOf(key), key])).values()].filter(
      (key) => !this.known.has(nameOf(key)),
    );
    if (missing.length === 0) return;
    if (this.known.size > REMEMBERED) this.known.clear();
    const parameters = [missing.map((key) => key.gatewayId), missing.map((key) => key.boot)];
    const rows = await this.database.query<StreamRow>(SELECT, parameters);
    if (rows.length < missing.length) {
      await this.database.query(INSERT, parameters);
      rows.push(...(await this.database.query<StreamRow>(SELECT, parameters)));
    }
    for (const row of rows) this.known.set(nameOf({ gatewayId: row.gateway_id, boot: row.boot }), row.id);
  }

  /** The number of a stream that was ensured. */
  idOf(key: StreamKey): number {
    const id = this.known.get(nameOf(key));
    if (id === undefined) throw new Error('stream was not ensured');
    return id;
  }
}

const WANTED = 'unnest($1::int4[], $2::text[]) AS wanted (gateway_id, boot)';
const SELECT = `SELECT s.id, s.gateway_id, s.boot FROM ${WANTED} JOIN stream s USING (gateway_id, boot)`;
// In one order everywhere: two writers that insert the same two streams would otherwise wait for each other.
const INSERT = `INSERT INTO stream (gateway_id, boot) SELECT * FROM ${WANTED} ORDER BY 1, 2 ON CONFLICT DO NOTHING`;

function nameOf(key: StreamKey): string {
  return `${key.gatewayId} ${key.boot}`;
}
