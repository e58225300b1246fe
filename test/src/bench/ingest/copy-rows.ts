import type { Database } from '@coldchain/database';
import {
  BrokerSubscriber,
  GatewayDirectory,
  MessageReceiver,
  type ReceivedMessage,
} from '@coldchain/iot-ingest/sources';
import { SeededRandom, SystemClock } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import { decodeReadings, type FrameReading } from '@coldchain/telemetry';
import { filledBroker, SUBSCRIBER } from './filled-broker.js';
import { type IngestWorld, WARM } from './ingest-world.js';
import type { LoadMessage } from './load.js';
import { type Throughput, throughput, type Usage, usageOf } from './usage.js';

const GROUP = 500;
const WRITERS = 2;
const EPOCH_MS = Date.UTC(2000, 0, 1);
const HIGH = 0x1_0000_0000;
/** COPY in binary (PostgreSQL manual, COPY, "Binary Format"): signature, flags, no extension; per row the number of fields. */
const HEAD = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
const TAIL = Buffer.from([0xff, 0xff]);
const FIELDS = 5;
const ROW_BYTES = 2 + FIELDS * 4 + 4 + 8 + 8 + 4 + 2;

/** What of pg's connection COPY needs beyond its types. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/**
 * The fastest that a row per reading can be: the same queue, taken by the same packet reader, decoded by the same scanner,
 * written by COPY in binary into a table with a key, acknowledged after the commit. It knows no duplicates (one would
 * abort its group), keeps no original and no watermark.
 * @throws when the table does not hold every reading at the end
 */
export async function copyRows(
  world: IngestWorld,
  messages: readonly LoadMessage[],
  readings: number,
): Promise<Throughput> {
  const { owner } = world;
  await owner.query('DROP TABLE IF EXISTS reading_row');
  await owner.query(
    `CREATE TABLE reading_row (logger integer NOT NULL, at timestamptz NOT NULL, n bigint NOT NULL,
       milli_celsius integer NOT NULL, humidity_permille smallint NOT NULL, PRIMARY KEY (logger, at, n))`,
  );
  const broker = await filledBroker(messages);
  const logger = createLogger('bench', 'silent');
  const directory = new GatewayDirectory(owner, new SystemClock(), logger);
  const source = new BrokerSubscriber({
    url: broker.url,
    version: '3.1.1',
    client: 'packets',
    clientId: SUBSCRIBER,
    shareGroup: null,
    receiveMaximum: 4 * GROUP,
    directory,
    random: new SeededRandom('bench'),
    logger,
  });
  const receiver = new CopyingReceiver(owner, messages.length, () => usageOf(world, broker, process.pid));
  try {
    await source.start(receiver);
    await receiver.done;
    const end = usageOf(world, broker, process.pid);
    const [row] = await owner.query<{ rows: number }>('SELECT count(*) AS rows FROM reading_row');
    if (row?.rows !== messages.length * readings) throw new Error(`${row?.rows} rows by COPY`);
    return throughput(receiver.warm, end, messages.length - receiver.warmed);
  } finally {
    directory.stop();
    await source.stop();
    await broker.close();
    await owner.query('DROP TABLE reading_row');
  }
}

class CopyingReceiver extends MessageReceiver {
  private readonly waiting: ReceivedMessage[] = [];
  private readonly loggers = new Map<string, number>();
  private writing = 0;
  private left: number;
  /** When at least a tenth was written, and how many that were. */
  warm: Usage;
  warmed = 0;
  private finish = { resolve: (): void => undefined, reject: (_error: unknown): void => undefined };
  readonly done = new Promise<void>((resolve, reject) => (this.finish = { resolve, reject }));

  constructor(
    private readonly owner: Database,
    private readonly messages: number,
    private readonly usage: () => Usage,
  ) {
    super();
    this.warm = usage();
    this.left = messages;
  }

  received(message: ReceivedMessage): boolean {
    this.waiting.push(message);
    this.begin();
    return true;
  }

  announced(): void {
    // Nobody listens.
  }

  private begin(): void {
    const due = this.waiting.length >= Math.min(GROUP, this.left - this.writing * GROUP);
    if (!due || this.writing >= WRITERS || this.waiting.length === 0) return;
    this.writing++;
    const group = this.waiting.splice(0, GROUP);
    this.write(group).then(() => {
      this.writing--;
      this.left -= group.length;
      if (this.warmed === 0 && this.left <= this.messages * (1 - WARM)) {
        this.warmed = this.messages - this.left;
        this.warm = this.usage();
      }
      if (this.left === 0) this.finish.resolve();
      else this.begin();
    }, this.finish.reject);
  }

  private async write(group: readonly ReceivedMessage[]): Promise<void> {
    const options = { now: Date.now(), oldest: 0 };
    const readings: FrameReading[] = [];
    for (const { payload } of group) {
      const decoded = decodeReadings(payload, options);
      if (!decoded.ok) throw new Error(decoded.code);
      readings.push(...decoded.frame.readings);
    }
    const client = await this.owner.pool.connect();
    try {
      await new Promise<void>((resolve, reject) => {
        const copy = {
          submit: (connection: CopyConnection) => connection.query('COPY reading_row FROM STDIN (FORMAT binary)'),
          handleCopyInResponse: (connection: CopyConnection) => {
            connection.sendCopyFromChunk(this.rowsOf(readings));
            connection.endCopyFrom();
          },
          handleCommandComplete: () => undefined,
          handleError: reject,
          handleReadyForQuery: () => resolve(),
        };
        client.query(copy as never);
      });
    } finally {
      client.release();
    }
    for (const message of group) message.acknowledge(null);
  }

  private rowsOf(readings: readonly FrameReading[]): Buffer {
    const rows = Buffer.allocUnsafe(readings.length * ROW_BYTES);
    const view = new DataView(rows.buffer, rows.byteOffset, rows.length);
    let at = 0;
    const int = (value: number): void => view.setInt32((at += 4) - 4, value);
    const long = (value: number): void => {
      const high = Math.floor(value / HIGH);
      int(8);
      int(high);
      int((value - high * HIGH) | 0);
    };
    for (const reading of readings) {
      view.setInt16((at += 2) - 2, FIELDS);
      int(4);
      int(this.numberOf(reading.logger));
      long((reading.at - EPOCH_MS) * 1000);
      long(reading.counter ?? 0);
      int(4);
      int(reading.milliCelsius);
      int(2);
      view.setInt16((at += 2) - 2, reading.humidityPermille ?? 0);
    }
    return Buffer.concat([HEAD, rows, TAIL]);
  }

  private numberOf(serial: string): number {
    const known = this.loggers.get(serial) ?? this.loggers.size + 1;
    this.loggers.set(serial, known);
    return known;
  }
}
