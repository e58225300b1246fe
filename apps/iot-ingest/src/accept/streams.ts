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
  private readonly known = new Map<number, Map<string, number>>();
  private remembered = 0;

  constructor(private readonly database: Database) {}

  /** The numbers of all of these, in their order. */
  async resolve(keys: readonly StreamKey[]): Promise<readonly number[]> {
    const ids = keys.map((key) => this.known.get(key.gatewayId)?.get(key.boot) ?? UNKNOWN);
    if (ids.includes(UNKNOWN)) {
      const found = await this.look(keys.filter((_, index) => ids[index] === UNKNOWN));
      for (const [index, key] of keys.entries()) if (ids[index] === UNKNOWN) ids[index] = idIn(found, key);
    }
    return ids;
  }

  private async look(keys: readonly StreamKey[]): Promise<ReadonlyMap<string, number>> {
    const missing = [...new Map(keys.map((key) => [nameOf(key), key])).values()];
    const parameters = [missing.map((key) => key.gatewayId), missing.map((key) => key.boot)];
    const rows = await this.database.query<StreamRow>(SELECT, parameters);
    if (rows.length < missing.length) {
      await this.database.query(INSERT, parameters);
      rows.push(...(await this.database.query<StreamRow>(SELECT, parameters)));
    }
    for (const row of rows) this.remember(row);
    return new Map(rows.map((row) => [nameOf({ gatewayId: row.gateway_id, boot: row.boot }), row.id]));
  }

  private remember({ id, gateway_id, boot }: StreamRow): void {
    if (this.remembered++ > REMEMBERED) {
      this.known.clear();
      this.remembered = 0;
    }
    const boots = this.known.get(gateway_id) ?? new Map<string, number>();
    this.known.set(gateway_id, boots.set(boot, id));
  }
}

const UNKNOWN = 0;

function idIn(found: ReadonlyMap<string, number>, key: StreamKey): number {
  const id = found.get(nameOf(key));
  if (id === undefined) throw new Error('stream was not made');
  return id;
}

const WANTED = 'unnest($1::int4[], $2::text[]) AS wanted (gateway_id, boot)';
const SELECT = `SELECT s.id, s.gateway_id, s.boot FROM ${WANTED} JOIN stream s USING (gateway_id, boot)`;
// In one order everywhere: two writers that insert the same two streams would otherwise wait for each other.
const INSERT = `INSERT INTO stream (gateway_id, boot) SELECT * FROM ${WANTED} ORDER BY 1, 2 ON CONFLICT DO NOTHING`;

function nameOf(key: StreamKey): string {
  return `${key.gatewayId} ${key.boot}`;
}
