import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Role } from '@coldchain/api-contract';
import { sleep } from '@coldchain/kernel';
import { keyOf } from './api-world.js';
import { CasesWorld } from './cases-world.js';
import { type Actor, carton } from './custody-world.js';

let world: CasesWorld;
const open: LiveReader[] = [];

beforeEach(async () => {
  world = await CasesWorld.open();
  await world.api.certifiedBatch('logger');
  await world.api.custody.logger('maker', 'LOG-1');
  await world.api.pack(carton(1), 1, 10, 'LOG-1');
});
afterEach(async () => {
  for (const reader of open.splice(0)) reader.close();
  await world.close();
});

interface Received {
  readonly id: string;
  readonly event: string;
  readonly data: { readonly sscc?: string; readonly case?: number | null };
}

/** Reads a stream as a browser does. */
class LiveReader {
  readonly received: Received[] = [];
  ended = false;
  private readonly stopping = new AbortController();

  static async open(as: Actor, lastEventId?: string, role: Role = 'quality'): Promise<LiveReader> {
    const reader = new LiveReader();
    const response = await fetch(`${world.api.api.url}/v1/stream`, {
      headers: {
        authorization: `Bearer ${keyOf(as, role)}`,
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
      signal: reader.stopping.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    void reader.read(response).catch(() => undefined); // it ends by being closed
    open.push(reader);
    await reader.until(() => reader.received.length > 0);
    return reader;
  }

  /** Waits until it holds; the test's own time limit is the bound. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(20);
  }

  kinds(): string[] {
    return this.received.map(({ event }) => event);
  }

  close(): void {
    this.stopping.abort();
  }

  private async read(response: Response): Promise<void> {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.take(text.slice(0, end));
        text = text.slice(end + 2);
      }
    }
    this.ended = true;
  }

  private take(block: string): void {
    const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
    const event = fields.get('event');
    if (event === undefined) return;
    this.received.push({ id: fields.get('id') ?? '', event, data: JSON.parse(fields.get('data') ?? '{}') });
  }
}

/** An excursion that begins: a case for the maker. */
const warm = async (): Promise<void> => {
  await world.measure('LOG-1', 30, 5);
  await world.measure('LOG-1', 30, 12);
};

describe('the stream of changes', () => {
  it('brings what changes to its own organisation, and nothing to others', async () => {
    const own = await LiveReader.open('maker');
    const other = await LiveReader.open('north');
    await warm();
    await own.until(() => own.kinds().includes('case') && own.kinds().includes('excursion'));
    const { id } = await world.theCase('maker');
    expect(own.received.find(({ event }) => event === 'case')?.data).toMatchObject({ sscc: carton(1), case: id });
    await world.api.ship('maker', 'carrier', carton(1));
    await own.until(() => own.kinds().includes('event'));
    expect(other.kinds()).toEqual(['ready']);
  });

  it('goes on after the last event that was seen, without a hole and without a repetition', async () => {
    const first = await LiveReader.open('maker');
    await warm();
    await first.until(() => first.kinds().includes('case'));
    const whole = await LiveReader.open('maker', first.received[0]?.id ?? '');
    first.close();
    const seen = first.received.at(-1)?.id ?? '';
    await world.measure('LOG-1', 60, 5);
    const again = await LiveReader.open('maker', seen);
    await again.until(() => again.received.filter(({ event }) => event === 'case').length > 0);
    await whole.until(() => whole.received.at(-1)?.id === again.received.at(-1)?.id);
    const ids = (readers: readonly LiveReader[]): string[] =>
      readers.flatMap(({ received }) => received.filter(({ event }) => event !== 'ready').map(({ id }) => id));
    expect(ids([first, again])).toEqual(ids([whole]));
  });

  it('waits for a transaction that began earlier and ends later', async () => {
    const { owner } = world.api.custody;
    const reader = await LiveReader.open('maker');
    const slow = await owner.pool.connect();
    try {
      await slow.query('BEGIN');
      await slow.query(
        `INSERT INTO live_change (organisation_id, kind) SELECT id, 'event' FROM organisation WHERE slug = 'maker'`,
      );
      await owner.query(
        `INSERT INTO live_change (organisation_id, kind) SELECT id, 'excursion' FROM organisation WHERE slug = 'maker'`,
      );
      await sleep(1_200);
      // What earlier cases did may still be on its way here; nobody else writes an excursion.
      expect(reader.kinds()).not.toContain('excursion');
      const before = reader.received.length;
      await slow.query('COMMIT');
      await reader.until(() => reader.kinds().includes('excursion'));
      expect(reader.kinds().slice(before)).toEqual(['event', 'excursion']);
    } finally {
      slow.release();
    }
  });

  it('refuses an id that is none, and too many readers', async () => {
    const wrong = await world.api.call('followChanges', { headers: { 'last-event-id': 'x' } });
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'header-invalid']);
    for (let count = 0; count < 50; count++) await LiveReader.open('maker');
    const refused = await world.api.call('followChanges', {});
    expect([refused.status, refused.body['code']]).toEqual([429, 'too-many-streams']);
    await LiveReader.open('north');
  });

  it.each([
    ['closed', `disabled_at = now()`],
    ['without the role', `roles = '{}'`],
  ])('ends before it tells anything to an account that is %s', async (_, change) => {
    const { owner, clock } = world.api.custody;
    const [reader, other] = [await LiveReader.open('maker'), await LiveReader.open('maker', undefined, 'dispenser')];
    await owner.query(`UPDATE account SET ${change} WHERE name = 'quality'`);
    clock.advance(15_000);
    await owner.query(
      `INSERT INTO live_change (organisation_id, kind) SELECT id, 'event' FROM organisation WHERE slug = 'maker'`,
    );
    await reader.until(() => reader.ended);
    await other.until(() => other.kinds().includes('event'));
    expect(reader.kinds()).toEqual(['ready']);
    expect(other.ended).toBe(false);
  });

  it('is ended by a server that stops', async () => {
    await LiveReader.open('maker');
    // closing the world afterwards would wait for ever otherwise
    expect(open).toHaveLength(1);
  });
});
