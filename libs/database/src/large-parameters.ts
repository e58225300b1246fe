import { type Connection, type PoolClient, Query, type QueryConfig, type QueryResult } from 'pg';

/** From this size on a copy costs more than a piece of its own. */
const LARGE_BYTES = 64 * 1024;

/** What the driver hands to `Connection.bind`. */
interface Bind {
  readonly portal?: string;
  readonly statement?: string;
  readonly values: readonly unknown[];
  /** Makes text or bytes of a value. */
  readonly valueMapper: (value: unknown) => Buffer | string | null;
}

/** What of a driver's query is overridden here (pg 8.23.1, `lib/query.js`). */
interface PreparedQuery {
  prepare(connection: Connection): void;
}
const PreparedQuery = Query as unknown as new (
  config: QueryConfig,
  callback: (error: Error | null, result: QueryResult) => void,
) => PreparedQuery & InstanceType<typeof Query>;

/**
 * A prepared statement that sends its large parameters as they lie in memory. The driver would copy all of them into one
 * message first: of a group of frames that is a megabyte, and garbage afterwards.
 */
class QueryWithLargeParameters extends PreparedQuery {
  override prepare(connection: Connection): void {
    // All else of the conversation is the driver's; it gathers what is written in this turn (`cork`).
    const bind = (config: Bind): void => {
      for (const piece of bindMessage(config)) connection.stream.write(piece);
    };
    super.prepare(Object.create(connection, { bind: { value: bind } }) as Connection);
  }
}

/** Whether a statement gains by {@link queryWithLargeParameters}. */
export function hasLargeParameters(values: readonly unknown[]): boolean {
  return values.some((value) => Buffer.isBuffer(value) && value.length >= LARGE_BYTES);
}

/** As `client.query`. The parameters must not change before it resolves. */
export function queryWithLargeParameters(client: PoolClient, config: QueryConfig): Promise<QueryResult> {
  return new Promise((resolve, reject) => {
    client.query(
      new QueryWithLargeParameters(config, (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      }),
    );
  });
}

const INT4_BYTES = 4;
const BINARY = 1;
const TEXT = 0;

/**
 * The pieces of a Bind message ("Message Formats" of PostgreSQL's protocol 3.0): buffers as binary parameters, everything
 * else as text; results as text.
 */
export function bindMessage({ portal = '', statement = '', values, valueMapper }: Bind): readonly Buffer[] {
  const parameters = values.map((value) => {
    const mapped = valueMapper(value);
    const bytes = typeof mapped === 'string' ? Buffer.from(mapped) : mapped;
    return { bytes, format: Buffer.isBuffer(mapped) ? BINARY : TEXT };
  });
  const pieces: Buffer[] = [];
  let small: Buffer[] = [Buffer.from(`${portal}\0${statement}\0`), int2s([values.length])];
  small.push(int2s(parameters.map(({ format }) => format)), int2s([values.length]));
  for (const { bytes } of parameters) {
    small.push(int4(bytes === null ? -1 : bytes.length));
    if (bytes === null) continue;
    if (bytes.length < LARGE_BYTES) small.push(bytes);
    else {
      pieces.push(Buffer.concat(small), bytes);
      small = [];
    }
  }
  pieces.push(Buffer.concat([...small, int2s([1, TEXT])]));
  const length = pieces.reduce((sum, piece) => sum + piece.length, INT4_BYTES);
  return [Buffer.concat([Buffer.from('B'), int4(length)]), ...pieces];
}

function int2s(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(2 * values.length);
  values.forEach((value, index) => bytes.writeInt16BE(value, 2 * index));
  return bytes;
}

function int4(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(INT4_BYTES);
  bytes.writeInt32BE(value);
  return bytes;
}
