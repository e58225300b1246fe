import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectGateway, frame, type IngestFixture, ingestFixture, readings } from './ingest-fixture.js';

const MINUTE = 60_000;

describe('what is noted about devices', () => {
  let fixture: IngestFixture;
  beforeEach(async () => {
    fixture = await ingestFixture();
  });
  afterEach(() => fixture.close());

  const loggerRow = async (): Promise<unknown> => {
    await fixture.ingest().lookAtDevices();
    const [row] = await fixture.owner.query(
      `SELECT silent_cause, silent_since = last_reading_at AS since_last, last_reading_at IS NOT NULL AS heard FROM logger
       WHERE serial = 'L1'`,
    );
    return row;
  };

  it('keeps what a gateway says of itself, and how far its clock is off', async () => {
    const gateway = await connectGateway(fixture);
    const time = Date.now() - 90_000;
    await gateway.publish('status', JSON.stringify({ state: 'online', time, battery: 41, note: 'a\u0000b' }));
    await fixture.ingest().lookAtDevices();
    const [row] = await fixture.owner.query<{ status: unknown; off: number; at: Date }>(
      `SELECT status, clock_offset_ms AS off, status_at AS at FROM gateway WHERE status IS NOT NULL`,
    );
    expect(row).toMatchObject({ status: { state: 'online', battery: 41 } });
    expect(row?.off).toBeGreaterThanOrEqual(90_000);
    expect(row?.off).toBeLessThan(120_000);
    await gateway.publish('status', 'not JSON');
    await gateway.close();
  });

  it('loses no status of others by a hostile one, and looks for quiet loggers all the same', async () => {
    await fixture.owner.query(
      `INSERT INTO logger (organisation_id, serial, interval_ms, registered) SELECT id, 'L1', 60000, true FROM organisation WHERE slug = 'north'`,
    );
    const [hostile, other] = [await connectGateway(fixture), await connectGateway(fixture, 'north/g2')];
    await hostile.publish('readings', frame('b', 0, readings('L1', Date.now() - 10 * MINUTE, 1)));
    const clock = '"boot":"b","time":9007199254740991,"up":-9007199254740991';
    const statuses = [
      `{"a":${'['.repeat(2_040)}${']'.repeat(2_040)}}`,
      '{"a":'.repeat(680) + '1' + '}'.repeat(680),
      '{"battery":1e308,"batteries":{"L1":1e308}}',
      '{"battery":-1e308,"batteries":[1]}',
      '{"battery":1e999,"time":1e999,"state":["online"]}',
      `{"battery":${'9'.repeat(4_000)}}`,
      '{"battery":1e-320,"batteries":{"L1":5e-324}}',
      '{"time":9007199254740991}',
      '{"time":-9007199254740991}',
      `{${clock},"heard":{"time":-9007199254740991,"up":-9007199254740991}}`,
      `{${clock},"heard":{"time":9007199254740991,"up":9007199254740991}}`,
      '{"boot":"b","time":1,"up":1,"heard":{"time":1e308,"up":null}}',
      '{"\\u0000":"\\u0000\\ud800","__proto__":{"state":"online"},"constructor":1}',
    ];
    for (const status of statuses) {
      await hostile.publish('status', status);
      await other.publish('status', '{"state":"online","battery":50}');
      await fixture.owner.query(`UPDATE gateway SET status = NULL; UPDATE gateway SET last_seen_at = now()`);
      expect([status.slice(0, 80), await loggerRow()]).toEqual([
        status.slice(0, 80),
        expect.objectContaining({ silent_cause: expect.any(String) }),
      ]);
      const [told] = await fixture.owner.query(`SELECT status FROM gateway WHERE name = 'g2' AND status IS NOT NULL`);
      expect([status.slice(0, 80), told]).toEqual([status.slice(0, 80), { status: { state: 'online', battery: 50 } }]);
    }
    await hostile.publish('readings', frame('b', 1, readings('L1', Date.now(), 1)));
    expect(await loggerRow()).toEqual({ silent_cause: null, since_last: null, heard: true });
    await Promise.all([hostile.close(), other.close()]);
  });

  it('notices a logger that is quiet, says why, and forgets it when it is heard again', async () => {
    await fixture.owner.query(
      `INSERT INTO logger (organisation_id, serial, interval_ms, registered) SELECT id, 'L1', 60000, true FROM organisation WHERE slug = 'north'`,
    );
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', frame('b', 0, readings('L1', Date.now() - 10 * MINUTE, 1)));
    await gateway.publish('status', '{"state":"online"}');
    await fixture.owner.query(`UPDATE gateway SET last_seen_at = now()`);
    expect(await loggerRow()).toEqual({ silent_cause: 'range', since_last: true, heard: true });
    await gateway.publish('readings', frame('b', 1, readings('L1', Date.UTC(2099, 0, 1), 1)));
    expect(await loggerRow()).toMatchObject({ silent_cause: 'clock' });
    await gateway.publish('status', '{"state":"offline","battery":4}');
    expect(await loggerRow()).toMatchObject({ silent_cause: 'battery' });
    await gateway.publish('readings', frame('b', 2, readings('L1', Date.now(), 1)));
    expect(await loggerRow()).toEqual({ silent_cause: null, since_last: null, heard: true });
    await gateway.close();
  });
});
