import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Metrics } from '@coldchain/runtime';
import { connectGateway, eventually, frame, type IngestFixture, ingestFixture, readings } from './ingest-fixture.js';

describe('figures of ingest', () => {
  const metrics = new Metrics('spec');
  let fixture: IngestFixture;
  beforeAll(async () => {
    fixture = await ingestFixture({ metrics });
  });
  afterAll(() => fixture.close());

  /** Values by name and labels, as a scrape shows them. */
  async function scraped(): Promise<ReadonlyMap<string, number>> {
    const text = await metrics.text();
    return new Map(
      text.split('\n').flatMap((line) => {
        const [, name, value] =
          /^(cct_ingest_\S+) (\S+)$/.exec(line.replace(/,?process="spec"/, '').replace('{}', '')) ?? [];
        return name === undefined ? [] : [[name, Number(value)] as const];
      }),
    );
  }

  it('say what arrived, how late, what was set aside and why, what is missing, and who was heard', async () => {
    const gateway = await connectGateway(fixture);
    const now = Date.now();
    await gateway.publish('readings', frame('b', 0, readings('L1', now - 30_000, 1)));
    await gateway.publish('readings', frame('b', 0, readings('L1', now - 30_000, 1)));
    await gateway.publish('readings', frame('b', 5, readings('L1', now - 20_000, 1)));
    await gateway.publish('readings', '{"boot":"b","seq":6,"r":[]}');
    await gateway.publish('status', JSON.stringify({ state: 'online', time: now - 90_000 }));
    await fixture.ingest().lookAtDevices();
    await eventually(() => gateway.acks.find(({ boots }) => boots[0]?.last === 6));
    await fixture.owner.query(`UPDATE gateway SET last_seen_at = now() - interval '5 minutes' WHERE name = 'g2'`);
    const figures = await eventually(async () => {
      const read = await scraped();
      return read.get('cct_ingest_missing_frames') === 4 ? read : undefined;
    });
    expect(Object.fromEntries(figures)).toMatchObject({
      'cct_ingest_accepted_total{figure="frames"}': 2,
      'cct_ingest_accepted_total{figure="duplicates"}': 1,
      'cct_ingest_set_aside_total{code="frame-empty"}': 1,
      cct_ingest_lag_seconds_count: 1,
      'cct_ingest_lag_seconds_bucket{le="15"}': 0,
      'cct_ingest_lag_seconds_bucket{le="60"}': 1,
      'cct_ingest_gateway_clock_offset_seconds_bucket{le="30"}': 0,
      'cct_ingest_gateway_clock_offset_seconds_bucket{le="120"}': 1,
      'cct_ingest_gateways{heard="hour"}': 1,
      cct_ingest_database_waiting: 0,
    });
    expect(figures.get('cct_ingest_commit_seconds_count')).toBeGreaterThanOrEqual(4);
    expect(figures.get('cct_ingest_group_messages_sum')).toBe(5);
    expect(figures.get('cct_ingest_sent_total{channel="acks"}')).toBeGreaterThanOrEqual(1);
    expect(figures.get('cct_ingest_disk_free_bytes')).toBeGreaterThan(1024 * 1024);
    await gateway.close();
  });
});
