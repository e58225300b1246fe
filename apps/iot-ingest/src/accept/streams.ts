import type { Database } from '@coldchain/database';

const REMEMBERED = 100_000;

/** What has a stream: (gateway, boot), whose small number frames carry. */
export interface OfStream {
  readonly message: { readonly gateway: { readonly id: number } };
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
  async resolve(keys: readonly OfStream[]): Promise<readonly number[]> {
    const ids = keys.map(({ message, boot }) => this.known.get(message.gateway.id)?.get(boot) ?? UNKNOWN);
    if (ids.includes(UNKNOWN)) {
      const found = await this.look(keys.filter((_, index) => ids[index] === UNKNOWN));
      for (const [index, key] of keys.entries()) if (ids[index] === UNKNOWN) ids[index] = idIn(found, key);
    }
    return ids;
  }

  private async look(keys: readonly OfStream[]): Promise<ReadonlyMap<string, number>> {
    const missing = [...new Map(keys.map((key) => [keyOf(key), key])).values()];
    const parameters = [missing.map(({ message }) => message.gateway.id), missing.map(({ boot }) => boot)];
    const rows = await this.database.query<StreamRow>(SELECT, parameters);
    if (rows.length < missing.length) {
      await this.database.query(INSERT, parameters);
      rows.push(...(await this.database.query<StreamRow>(SELECT, parameters)));
    }
    for (const row of rows) this.remember(row);
    return new Map(rows.map((row) => [nameOf(row.gateway_id, row.boot), row.id]));
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

function idIn(found: ReadonlyMap<string, number>, key: OfStream): number {
  const id = found.get(keyOf(key));
  if (id === undefined) throw new Error('stream was not made');
  return id;
}

const WANTED = 'unnest($1::int4[], $2::text[]) AS wanted (gateway_id, boot)';
const SELECT = `SELECT s.id, s.gateway_id, s.boot FROM ${WANTED} JOIN stream s USING (gateway_id, boot)`;
// In one order everywhere: two writers that insert the same two streams would otherwise wait for each other.
const INSERT = `INSERT INTO stream (gateway_id, boot) SELECT * FROM ${WANTED} ORDER BY 1, 2 ON CONFLICT DO NOTHING`;

function keyOf({ message, boot }: OfStream): string {
  return nameOf(message.gateway.id, boot);
}

function nameOf(gatewayId: number, boot: string): string {
  return `${gatewayId} ${boot}`;
}
