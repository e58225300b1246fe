import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import {
  connectGateway,
  count,
  eventually,
  frame,
  type IngestFixture,
  ingestFixture,
  PASSWORD,
  readings,
  START,
} from './ingest-fixture.js';

describe('gateways', () => {
  let fixture: IngestFixture;
  beforeAll(async () => {
    fixture = await ingestFixture();
  });
  afterAll(() => fixture.close());

  it.each([
    ['an unknown gateway', 'north/nobody', PASSWORD],
    ['a wrong password', 'north/g1', 'wrong'],
    ["another organisation's name", 'south/g2', PASSWORD],
    ['a name of another shape', 'g1', PASSWORD],
    ['a name that is no text for the database', 'north/g1\0', PASSWORD],
  ])('refuses %s with return code 4', async (_title, userName, password) => {
    await expect(connectGateway(fixture, userName, { password })).rejects.toMatchObject({ code: 4 });
  });

  it('refuses a password that was changed, although it was right a moment ago', async () => {
    const gateway = await connectGateway(fixture, 'south/g1');
    await fixture.owner.query(
      `UPDATE gateway g SET password_hash = replace(password_hash, '$8$1$', '$8$2$') FROM organisation o
       WHERE o.id = g.organisation_id AND o.slug = 'south'`,
    );
    await expect(connectGateway(fixture, 'south/g1')).rejects.toMatchObject({ code: 4 });
    await gateway.close();
  });

  it('lets a gateway listen to its own acknowledgements and commands only', async () => {
    const gateway = await connectGateway(fixture, 'north/g1', { listen: false });
    const granted = await gateway.client
      .subscribeAsync(['coldchain/v1/north/g1/commands', 'coldchain/v1/north/g2/acks', 'coldchain/v1/north/#', '#'], {
        qos: 1,
      })
      .catch((error: unknown) => error);
    // MQTT.js raises an error where one of several is refused
    expect(granted).toBeInstanceOf(Error);
    const own = await gateway.client.subscribeAsync('coldchain/v1/north/g1/acks', { qos: 1 });
    expect(own[0]?.qos).toBe(1);
    await gateway.close();
  });

  it('does not let one gateway end the connection of another by taking its client id', async () => {
    const gateway = await connectGateway(fixture, 'north/g1');
    const other = await connectGateway(fixture, 'north/g2');
    expect(gateway.client.connected && other.client.connected).toBe(true);
    await gateway.publish('status', '{"state":"online"}');
    await Promise.all([gateway.close(), other.close()]);
  });

  it('acknowledges what is durable, with holes, at most once a second and whenever a gateway announces itself', async () => {
    const gateway = await connectGateway(fixture, 'north/g2');
    await Promise.all([0, 1, 2, 5, 6, 9].map((seq) => gateway.publish('readings', frame('holes', seq))));
    const full = await eventually(() => gateway.acks.find((ack) => ack.boots[0]?.missing.length === 2));
    expect(full.boots).toEqual([
      {
        boot: 'holes',
        first: 0,
        contiguous: 2,
        last: 9,
        missing: [
          [3, 4],
          [7, 8],
        ],
        rejected: [],
      },
    ]);
    expect(Date.parse(full.time)).not.toBeNaN();
    expect(gateway.acks.length).toBeLessThanOrEqual(2);
    await Promise.all([3, 4, 7, 8].map((seq) => gateway.publish('readings', frame('holes', seq))));
    await eventually(() => gateway.acks.find((ack) => ack.boots[0]?.contiguous === 9));
    const before = gateway.acks.length;
    await gateway.publish('status', '{"state":"online"}');
    await eventually(() => (gateway.acks.length > before ? true : undefined));
    await gateway.close();
    const later = await connectGateway(fixture, 'north/g2');
    const [boot] = (await eventually(() => later.acks[0])).boots;
    expect(boot).toMatchObject({ boot: 'holes', contiguous: 9, missing: [] });
    await later.close();
  });

  it('acknowledges the highest number that there is, and all that is missing below it, without delay for others', async () => {
    const [gateway, other] = [await connectGateway(fixture, 'north/g1'), await connectGateway(fixture, 'north/g2')];
    const highest = Number.MAX_SAFE_INTEGER;
    for (const seq of [0, highest, highest - 1, highest - 5_000]) {
      await gateway.publish('readings', frame('highest', seq, readings('highest', START, 1)));
    }
    await gateway.publish('readings', '{"boot":"highest","seq":9007199254740992,"r":[{"d":"L","t":1,"c":1}]}');
    const told = await eventually(() =>
      gateway.acks.find(({ boots }) => boots[0]?.last === highest && boots[0].missing.length === 2),
    );
    expect(told.boots[0]).toEqual({
      boot: 'highest',
      first: 0,
      contiguous: 0,
      last: highest,
      missing: [
        [1, highest - 5_001],
        [highest - 4_999, highest - 2],
      ],
      rejected: [],
    });
    await other.publish('readings', frame('beside', 0));
    await eventually(() => other.acks.find(({ boots }) => boots.some(({ boot }) => boot === 'beside')));
    await Promise.all([gateway.close(), other.close()]);
  });

  it('notes when a gateway was last heard', async () => {
    const gateway = await connectGateway(fixture, 'north/g1');
    await gateway.publish('readings', frame('seen', 0));
    await eventually(async () => {
      const [row] = await fixture.owner.query<{ seen: boolean }>(
        `SELECT bool_or(last_seen_at IS NOT NULL) AS seen FROM gateway WHERE name = 'g1'`,
      );
      return row?.seen === true ? true : undefined;
    }, 15_000);
    await gateway.close();
  }, 20_000);

  it('takes the registered logger of its organisation, makes an unregistered one where there is none', async () => {
    await fixture.owner.query(
      `INSERT INTO logger (organisation_id, serial, interval_ms, registered)
       SELECT id, 'shared-serial', 60000, true FROM organisation WHERE slug IN ('north', 'south')`,
    );
    const gateway = await connectGateway(fixture, 'north/g1');
    await gateway.publish(
      'readings',
      frame('loggers', 0, [...readings('shared-serial', START, 2), ...readings('new-one', START, 5)]),
    );
    const rows = await fixture.owner.query(
      `SELECT o.slug, l.serial, l.registered, l.interval_ms FROM reading_series s
       JOIN logger l ON l.id = s.logger JOIN organisation o ON o.id = l.organisation_id
       JOIN stream t ON t.id = s.stream WHERE t.boot = 'loggers' ORDER BY l.serial`,
    );
    expect(rows).toEqual([
      { slug: 'north', serial: 'new-one', registered: false, interval_ms: 60_000 },
      { slug: 'north', serial: 'shared-serial', registered: true, interval_ms: 60_000 },
    ]);
    await gateway.close();
  });

  it("takes a sender's logger on a unit that is on its way to the gateway's organisation", async () => {
    await fixture.owner.query(SHIPPED_UNIT);
    const gateway = await connectGateway(fixture, 'north/g1');
    await gateway.publish('readings', frame('visiting', 0, readings('travelling', START, 2)));
    const rows = await fixture.owner.query(
      `SELECT o.slug FROM reading_series s JOIN logger l ON l.id = s.logger JOIN organisation o ON o.id = l.organisation_id
       WHERE l.serial = 'travelling'`,
    );
    expect(rows).toEqual([{ slug: 'south' }]);
    expect(await count(fixture.owner, `logger WHERE serial = 'travelling'`)).toBe(1);
    await sleep(0);
    await gateway.close();
  });
});

/** A unit of `south` with a logger of `south`, packed into a parent that is in transit to `north`. */
const SHIPPED_UNIT = `
  WITH south AS (SELECT id, party FROM organisation WHERE slug = 'south'), north AS (SELECT id, party FROM organisation WHERE slug = 'north'),
  l AS (INSERT INTO logger (organisation_id, serial, interval_ms, registered) SELECT id, 'travelling', 60000, true FROM south RETURNING id),
  p AS (INSERT INTO unit (organisation_id, sscc, secret, unit_key)
        SELECT id, '340123450000000011', decode(repeat('00', 32), 'hex'), repeat('a', 64) FROM south RETURNING id),
  u AS (INSERT INTO unit (organisation_id, sscc, secret, unit_key, parent_id)
        SELECT south.id, '340123450000000028', decode(repeat('01', 32), 'hex'), repeat('b', 64), p.id FROM south, p RETURNING id),
  b AS (INSERT INTO unit_logger (unit_id, logger_id, bound_at) SELECT u.id, l.id, now() FROM u, l),
  a AS (INSERT INTO unit_access (unit_id, organisation_id) SELECT x.id, north.id FROM north, (SELECT id FROM u UNION SELECT id FROM p) x)
  INSERT INTO expected_object (object_type, object_key, state)
  SELECT 'unit', repeat('a', 64), jsonb_build_object('status', 'in-transit', 'custodian', south.party, 'receiver', north.party) FROM south, north`;
