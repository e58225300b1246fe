import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database } from '@coldchain/database';
import { type RootFollower, startRootFollower } from '@coldchain/iot-ingest/roots';
import { mapLimit, SeededRandom, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { createLogger } from '@coldchain/runtime';
import mqtt from 'mqtt';
import { allVisible } from '../support/index.js';
import { Platform } from './platform.js';
import { newStream, storeFrames } from './stored-frames.js';

const POLAR = 'polar-logistics';
const AURORA = 'aurora-pharma';
const AUTHORITY = 'medicines-authority';

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

describe('telemetry roots', () => {
  let platform: Platform;
  let followers: Database;
  const running: RootFollower[] = [];
  beforeAll(async () => {
    platform = await Platform.start(300_000);
    followers = Database.open({ url: platform.databaseUrl, role: 'cct_ingest', applicationName: 'spec-followers' });
  }, 60_000);
  afterAll(async () => {
    for (const one of running) await one.stop();
    await followers.close();
    await platform.stop();
  });

  const follower = (mostLeaves?: number): RootFollower => {
    const started = startRootFollower({
      database: followers,
      clock: new SystemClock(),
      random: new SystemRandom(),
      logger: createLogger('spec', 'silent'),
      intervalMs: 3_600_000,
      ...(mostLeaves === undefined ? {} : { mostLeaves }),
    });
    running.push(started);
    return started;
  };
  /** Everything that is stored has its leaf, and every root is on the ledger. */
  const grown = async (): Promise<void> => {
    await allVisible(platform.owner);
    await platform.growRoots();
    await platform.settled();
  };
  const proofOf = (organisation: string, gateway: string, sequence: number) =>
    platform.request(organisation, 'device-manager', 'GET', `/v1/gateways/${gateway}/frames/b1/${sequence}/proof`);
  const findings = async (): Promise<string[]> => (await platform.fsck()).findings.map(({ code }) => code).sort();
  const trees = (organisation: string) =>
    platform.owner.query<{ index: number; leaves: number; linked: boolean; ordered: boolean }>(
      `SELECT r.index, octet_length(leaves) / 32 AS leaves,
              previous IS NOT DISTINCT FROM lag(root) OVER w AS linked,
              window_from >= coalesce(lag(window_to) OVER w, window_from) AS ordered
       FROM telemetry_root r JOIN organisation o ON o.id = r.organisation_id WHERE o.slug = $1
       WINDOW w AS (ORDER BY index) ORDER BY index`,
      [organisation],
    );

  it('puts accepted frames under a root on the ledger, and proves any of them without a server', async () => {
    const gateway = await platform.post(POLAR, 'device-manager', '/v1/gateways', { name: 'proven' });
    // A new log is looked at as soon as it is seen; from now on only when it is asked for.
    await platform.growRoots();
    // The organisation's log is looked at now, and by itself only an interval later.
    await platform.growRoots();
    const csv = ['timestamp,celsius', ...upTo(500).map((minute) => `${instant(minute)},${4 + (minute % 9) / 10}`)];
    await platform.coldchain(
      [
        ...['gateway', 'replay', await platform.file('proven.csv', csv.join('\n')), '--url', platform.mqttUrl],
        ...['--gateway', `${POLAR}/proven`, '--logger', 'PROVEN-1', '--boot', 'b1'],
      ],
      { CCT_GATEWAY_PASSWORD: String(gateway['password']) },
    );
    expect((await proofOf(POLAR, 'proven', 0)).body).toMatchObject({ code: 'frame-not-rooted' });
    await platform.stopWorker();
    await allVisible(platform.owner);
    expect(await platform.growRoots()).toBeGreaterThan(1);
    expect(await platform.growRoots()).toBe(0);
    const early = await platform.file('early.json', JSON.stringify((await proofOf(POLAR, 'proven', 0)).body));
    await expect(platform.coldchain(['frame', 'verify', early])).rejects.toMatchObject({ code: 2 });
    platform.startWorker();
    await platform.settled();

    const environment = { CCT_DATA_DIR: platform.folder };
    const prove = ['frame', 'prove', 'proven', 'b1', '1', '--as', `${POLAR}/device-manager`];
    const proof = await platform.coldchain(prove, environment);
    const { tree, ledger } = JSON.parse(proof) as { tree: { root: string }; ledger: { block: number } };
    const block = await platform.owner.query(
      `SELECT block FROM ledger_object WHERE object_type = 'root' AND state ->> 'root' = $1`,
      [tree.root],
    );
    expect(block).toEqual([{ block: ledger.block }]);
    const file = await platform.file('proof.json', proof);
    expect(await platform.coldchain(['frame', 'verify', file, '--root', tree.root])).toContain('under this root');
    await expect(platform.coldchain(['frame', 'verify', file, '--root', '0'.repeat(64)])).rejects.toMatchObject({
      code: 1,
    });
    const forged = proof.replace(/"raw":"(.)/, (_, first: string) => `"raw":"${first === 'e' ? 'f' : 'e'}`);
    const forgedFile = await platform.file('forged.json', forged);
    await expect(platform.coldchain(['frame', 'verify', forgedFile])).rejects.toMatchObject({ code: 1 });
    expect(await findings()).toEqual([]);
  }, 60_000);

  it('treats messages of one reading like all others', async () => {
    const gateway = await platform.post(POLAR, 'device-manager', '/v1/gateways', { name: 'single' });
    const client = await mqtt.connectAsync(platform.mqttUrl, {
      username: `${POLAR}/single`,
      password: String(gateway['password']),
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    try {
      for (const seq of upTo(3)) {
        const reading = { d: 'SINGLE-1', t: Date.parse(instant(seq)), c: 5.5, boot: 'b1', seq };
        await client.publishAsync(`coldchain/v1/${POLAR}/single/readings`, JSON.stringify(reading), { qos: 1 });
      }
    } finally {
      await client.endAsync(true);
    }
    expect((await proofOf(POLAR, 'single', 1)).body).toMatchObject({ code: 'frame-not-rooted' });
    expect(await findings()).toEqual([]);
    await grown();
    const { body } = await proofOf(POLAR, 'single', 1);
    const file = await platform.file('single.json', JSON.stringify(body));
    expect(await platform.coldchain(['frame', 'verify', file])).toContain('1 readings');
    expect(await findings()).toEqual([]);
    const flip = `UPDATE reading_single SET raw = set_byte(raw, 5, get_byte(raw, 5) # 1)
      WHERE stream = (SELECT t.id FROM stream t JOIN gateway g ON g.id = t.gateway_id WHERE g.name = 'single') AND seq = 1`;
    await platform.owner.query(flip);
    expect(await findings()).toEqual(['frame-leaf-differs', 'root-differs']);
    await platform.owner.query(flip);
  }, 60_000);

  it('proves messages of another system with the model that they are read by', async () => {
    const mapping = { logger: '/probe', time: '/at', timeForm: 'ms', celsius: '/c' };
    const registration = { name: 'mapped', model: 'own', mapping };
    const gateway = await platform.post(POLAR, 'device-manager', '/v1/gateways', registration);
    const client = await mqtt.connectAsync(platform.mqttUrl, {
      username: `${POLAR}/mapped`,
      password: String(gateway['password']),
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    const message = JSON.stringify({ probe: 'MAPPED-1', at: Date.parse(instant(1)), c: 5.5 });
    await client.publishAsync(`coldchain/v1/${POLAR}/mapped/readings`, message, { qos: 1 });
    await client.endAsync(true);
    await grown();
    const [stored] = await platform.owner.query<{ boot: string; seq: number }>(
      `SELECT t.boot, f.seq FROM (SELECT stream, seq FROM reading_frame UNION ALL SELECT stream, seq FROM reading_single) f
       JOIN stream t ON t.id = f.stream JOIN gateway g ON g.id = t.gateway_id WHERE g.name = 'mapped'`,
    );
    const prove = [
      'frame',
      'prove',
      'mapped',
      stored?.boot ?? '',
      String(stored?.seq),
      '--as',
      `${POLAR}/device-manager`,
    ];
    const proof = await platform.coldchain(prove, { CCT_DATA_DIR: platform.folder });
    expect(JSON.parse(proof)).toMatchObject({ frame: { model: { name: 'own', mapping } } });
    const file = await platform.file('mapped.json', proof);
    expect(await platform.coldchain(['frame', 'verify', file])).toContain('1 readings as read by model own');
    const { frame, ...rest } = JSON.parse(proof) as { frame: Record<string, unknown> };
    const { model: _, ...older } = frame;
    const unnamed = await platform.file('unnamed.json', JSON.stringify({ frame: older, ...rest }));
    await expect(platform.coldchain(['frame', 'verify', unnamed])).rejects.toMatchObject({ code: 1 });
  }, 60_000);

  it('proves messages with the model that they were read by, also when their gateway has another one since', async () => {
    const places = { logger: '/probe', time: '/at', timeForm: 'ms' };
    const registration = { name: 'remapped', model: 'own', mapping: { ...places, celsius: '/c' } };
    const gateway = await platform.post(POLAR, 'device-manager', '/v1/gateways', registration);
    const client = await mqtt.connectAsync(platform.mqttUrl, {
      username: `${POLAR}/remapped`,
      password: String(gateway['password']),
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    const publish = (minute: number) => {
      const message = { probe: 'REMAPPED-1', at: Date.parse(instant(minute)), c: 5 + minute, k: 8 + minute };
      const topic = `coldchain/v1/${POLAR}/remapped/readings`;
      return client.publishAsync(topic, JSON.stringify(message), { qos: 1 });
    };
    const remap = (celsius: string) =>
      platform.owner.query(`UPDATE gateway SET mapping = $1 WHERE name = 'remapped'`, [
        JSON.stringify({ ...places, celsius }),
      ]);
    try {
      await publish(1);
      await remap('/k');
      // Read by the model that the process still remembers.
      await publish(2);
      await sleep(3_500);
      await publish(3);
      // What nobody reads by says nothing.
      await remap('/nowhere');
      await platform.owner.query(`UPDATE gateway SET model = NULL, mapping = NULL WHERE name = 'remapped'`);
    } finally {
      await client.endAsync(true);
    }
    await grown();
    const stored = await platform.owner.query<{ boot: string; seq: number; at: Date; celsius: string }>(
      `SELECT t.boot, r.seq, r.at, r.celsius FROM logger l, readings(l.id, '-infinity', 'infinity') r
       JOIN stream t ON t.id = r.stream WHERE l.serial = 'REMAPPED-1' ORDER BY r.celsius`,
    );
    expect(stored.map(({ celsius }) => Number(celsius))).toEqual([6, 7, 11]);
    for (const { boot, seq, at, celsius } of stored) {
      const name = ['remapped', boot, String(seq), '--as', `${POLAR}/device-manager`];
      const proof = await platform.coldchain(['frame', 'prove', ...name], { CCT_DATA_DIR: platform.folder });
      const file = await platform.file(`remapped-${seq}.json`, proof);
      const verified = await platform.coldchain(['frame', 'verify', file, '--json']);
      expect(JSON.parse(verified)).toMatchObject({
        problems: [],
        readings: [{ at: at.getTime(), milliCelsius: Number(celsius) * 1_000 }],
      });
    }
  }, 60_000);

  it('shows the frames of an organisation to nobody else', async () => {
    expect((await proofOf(AURORA, 'proven', 0)).body).toMatchObject({ code: 'frame-unknown' });
    expect((await proofOf(POLAR, 'proven', 9_999)).body).toMatchObject({ code: 'frame-unknown' });
  });

  it('makes no tree of nothing', async () => {
    const before = await trees(POLAR);
    await grown();
    await grown();
    expect(await trees(POLAR)).toEqual(before);
  });

  it('misses no frame that commits late, and puts none into two trees, however commits interleave', async () => {
    const seed = jest.getSeed();
    process.stderr.write(`telemetry-roots seed: ${seed}\n`);
    const random = new SeededRandom(`roots-${seed}`);
    const stream = await newStream(platform.owner, POLAR, 'interleaved');
    const rivals = [follower(), follower(7)];
    const connect = () => platform.owner.pool.connect();
    const open: Awaited<ReturnType<typeof connect>>[] = [];
    let next = 0;
    for (let step = 0; step < 300; step++) {
      const drawn = random.unit();
      const client = open[Math.floor(random.unit() * open.length)];
      if (drawn < 0.25 && open.length < 6) {
        const begun = await connect();
        await begun.query('BEGIN');
        open.push(begun);
      } else if (drawn < 0.6 && client !== undefined) {
        const size = 1 + Math.floor(random.unit() * 5);
        // Not always in the order of the numbers, and with holes.
        await storeFrames(client, stream, upTo(size, next));
        next += size + (random.unit() < 0.2 ? 3 : 0);
      } else if (drawn < 0.8 && client !== undefined) {
        await client.query(random.unit() < 0.85 ? 'COMMIT' : 'ROLLBACK');
        client.release();
        open.splice(open.indexOf(client), 1);
      } else {
        await Promise.all(rivals.map((rival) => rival.runOnce()));
      }
    }
    for (const client of open) {
      await client.query('COMMIT');
      client.release();
    }
    for (const rival of rivals) await rival.stop();
    await grown();

    const [stored] = await platform.owner.query<{ frames: number; leaves: number }>(
      `SELECT (SELECT count(*) FROM reading_frame WHERE stream = $1) AS frames,
              (SELECT sum(frames) FROM telemetry_run WHERE stream = $1)::float8 AS leaves`,
      [stream],
    );
    expect(stored?.frames).toBeGreaterThan(50);
    expect(stored?.leaves).toBe(stored?.frames);
    const chain = await trees(POLAR);
    expect(chain.map(({ index }) => index)).toEqual(upTo(chain.length));
    expect(chain.every(({ linked, ordered }) => linked && ordered)).toBe(true);
    const report = await platform.fsck();
    expect(report).toMatchObject({ findings: [], roots: { pending: 0, pendingFrames: 0 } });
    expect(report.roots.checked).toBe(report.roots.anchored);
  }, 60_000);

  it('splits what is more than a tree may hold, without tearing a transaction apart', async () => {
    const stream = await newStream(platform.owner, AURORA, 'split');
    // Looked at once, as above.
    await platform.growRoots();
    for (let from = 0; from < 100; from += 10) await storeFrames(platform.owner, stream, upTo(10, from));
    await storeFrames(platform.owner, stream, upTo(60, 100));
    await allVisible(platform.owner);
    const small = follower(25);
    await small.runOnce();
    await small.stop();
    const sizes = (await trees(AURORA)).map(({ leaves }) => leaves);
    expect(sizes).toEqual([20, 20, 20, 20, 20, 60]);
    await grown();
    expect(await findings()).toEqual([]);
  }, 60_000);

  it('goes on after its connections were cut in the middle, without a gap or a double', async () => {
    const stream = await newStream(platform.owner, AURORA, 'cut');
    const cut = follower(40);
    for (let round = 0; round < 12; round++) {
      await mapLimit(upTo(10), 2, (index) => storeFrames(platform.owner, stream, upTo(20, round * 200 + index * 20)));
      const growing = cut.runOnce().catch(() => 0);
      await sleep(round * 4);
      await platform.owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'spec-followers'`,
      );
      await growing;
    }
    await cut.stop();
    await grown();
    const [leaves] = await platform.owner.query(
      'SELECT sum(frames)::float8 AS leaves, max(first_seq + frames)::float8 AS next FROM telemetry_run WHERE stream = $1',
      [stream],
    );
    expect(leaves).toEqual({ leaves: 2_400, next: 2_400 });
    expect(await findings()).toEqual([]);
  }, 60_000);

  it('lets frames wait while the organisation is suspended, and sends a refused root again afterwards', async () => {
    const party = `ManufacturerMSP:${AURORA}`;
    const stream = await newStream(platform.owner, AURORA, 'suspended');
    const before = (await trees(AURORA)).length;
    await storeFrames(platform.owner, stream, upTo(5));
    await allVisible(platform.owner);
    await platform.stopWorker();
    expect(await platform.growRoots()).toBe(5);
    await platform.owner.query(
      `UPDATE outbox SET next_attempt_at = now() + interval '1 hour' WHERE command = 'anchorRoot' AND state = 'pending'`,
    );
    platform.startWorker();
    await authorityCommand(platform, 'suspendParty', { party });
    await platform.owner.query(`UPDATE outbox SET next_attempt_at = now() WHERE state = 'pending'`);
    await platform.settled();
    const refused = await platform.owner.query(
      `SELECT last_error ->> 'code' AS code FROM outbox WHERE command = 'anchorRoot' AND state = 'refused'`,
    );
    expect(refused).toEqual([{ code: 'party-suspended' }]);

    await storeFrames(platform.owner, stream, upTo(5, 5));
    await allVisible(platform.owner);
    expect(await platform.growRoots()).toBe(0);
    expect(await platform.fsck()).toMatchObject({ findings: [], roots: { pending: 1, pendingFrames: 5 } });

    await authorityCommand(platform, 'registerParty', { party, roles: ['manufacturer'], prefixes: ['9520001'] });
    expect(await platform.growRoots()).toBe(5);
    await platform.settled();
    expect((await trees(AURORA)).length).toBe(before + 2);
    expect(await platform.fsck()).toMatchObject({ findings: [], roots: { pending: 0, pendingFrames: 0 } });
  }, 60_000);

  it('is built anew from block 0 as it was', async () => {
    const roots = `SELECT * FROM ledger_object WHERE object_type = 'root' ORDER BY object_key`;
    const before = await platform.owner.query(roots);
    await platform.stopWorker();
    await platform.owner.query('DELETE FROM ledger_object; DELETE FROM ledger_anchor; DELETE FROM ledger_checkpoint');
    platform.startWorker();
    await platform.until(async () => (await platform.owner.query(roots)).length === before.length);
    expect(await platform.owner.query(roots)).toEqual(before);
    expect(await platform.growRoots()).toBe(0);
  }, 60_000);

  describe('fsck', () => {
    /** Changes the database, checks, and takes the change back. */
    const with_ = async (changes: readonly string[], undo: readonly string[]): Promise<string[]> => {
      for (const change of changes) await platform.owner.query(change);
      try {
        return [...new Set(await findings())];
      } finally {
        for (const change of undo) await platform.owner.query(change);
      }
    };
    const one = `stream = (SELECT t.id FROM stream t JOIN gateway g ON g.id = t.gateway_id WHERE g.name = 'split')`;

    it('finds a frame whose bytes were changed', async () => {
      const flip = `UPDATE reading_frame SET raw = set_byte(raw, 5, get_byte(raw, 5) # 1) WHERE ${one} AND seq = 33`;
      expect(await with_([flip], [flip])).toEqual(['frame-digest-differs', 'frame-leaf-differs', 'root-differs']);
    });

    it('finds a frame whose bytes and digest were changed', async () => {
      const swap = `UPDATE reading_frame SET raw = '\\x00', sha256 = sha256('\\x00') WHERE ${one} AND seq = 33`;
      await platform.owner.query(`CREATE TABLE kept AS SELECT * FROM reading_frame WHERE ${one} AND seq = 33`);
      const back = `UPDATE reading_frame f SET raw = k.raw, sha256 = k.sha256 FROM kept k WHERE f.stream = k.stream AND f.seq = k.seq`;
      expect(await with_([swap], [back])).toEqual(['frame-leaf-differs', 'root-differs']);
    });

    it('finds a frame that was taken away, one that was slipped in, and one that lost its leaf', async () => {
      const remove = `DELETE FROM reading_frame WHERE ${one} AND seq = 33`;
      const restore = 'INSERT INTO reading_frame SELECT * FROM kept';
      expect(await with_([remove], [restore])).toEqual(['frame-missing']);
      const slip = `INSERT INTO reading_frame SELECT day, stream, 5000, n, received_at, sha256, raw FROM kept`;
      expect(await with_([slip], [`DELETE FROM reading_frame WHERE ${one} AND seq = 5000`])).toEqual([
        'frame-without-leaf',
      ]);
      const shorten = `UPDATE telemetry_run SET frames = frames - 1 WHERE ${one} AND first_seq = 100`;
      const lengthen = `UPDATE telemetry_run SET frames = frames + 1 WHERE ${one} AND first_seq = 100`;
      expect(await with_([shorten], [lengthen])).toEqual(['frame-leaf-differs', 'frame-without-leaf']);
    });

    it('finds frames that are under two trees', async () => {
      const overlap = `UPDATE telemetry_run SET frames = frames + 2 WHERE ${one} AND first_seq = 0`;
      const back = `UPDATE telemetry_run SET frames = frames - 2 WHERE ${one} AND first_seq = 0`;
      expect(await with_([overlap], [back])).toContain('frame-twice');
    });

    it('finds roots and leaves that were changed, and a tree that was taken away', async () => {
      const ofAurora = `organisation_id = (SELECT id FROM organisation WHERE slug = '${AURORA}') AND index = 2`;
      const root = `UPDATE telemetry_root SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE ${ofAurora}`;
      expect(await with_([root], [root])).toEqual(['root-anchor-differs', 'root-differs']);
      const leaf = `UPDATE telemetry_root SET leaves = set_byte(leaves, 9, get_byte(leaves, 9) # 1) WHERE ${ofAurora}`;
      expect(await with_([leaf], [leaf])).toEqual(['frame-leaf-differs']);
      const window = (by: number) => `UPDATE telemetry_root SET window_to = window_to + ${by} WHERE ${ofAurora}`;
      expect(await with_([window(1)], [window(-1)])).toContain('root-anchor-differs');
      await platform.owner.query(`CREATE TABLE kept_root AS SELECT * FROM telemetry_root WHERE ${ofAurora}`);
      expect(
        await with_(
          [`DELETE FROM telemetry_root WHERE ${ofAurora}`],
          ['INSERT INTO telemetry_root SELECT * FROM kept_root'],
        ),
      ).toEqual(['root-differs', 'root-unknown']);
    });

    it('finds nothing when all was taken back', async () => {
      expect(await findings()).toEqual([]);
    });
  });
});

/** A plausible time in the past. */
function instant(minute: number): string {
  return new Date(Date.now() - 86_400_000 + minute * 60_000).toISOString();
}

/** Lets the regulator say something on the ledger, and waits until it is projected. */
async function authorityCommand(
  platform: Platform,
  command: string,
  payload: { readonly party: string; readonly roles?: string[]; readonly prefixes?: string[] },
): Promise<void> {
  const [row] = await platform.owner.query<{ id: number }>(
    `INSERT INTO outbox (signing_party, command, payload, object_keys) SELECT party, $2, $3, ARRAY[$4]
     FROM organisation WHERE slug = $1 RETURNING id`,
    [AUTHORITY, command, JSON.stringify(payload), `party:${payload.party}`],
  );
  const state = command === 'registerParty' ? 'authorised' : 'suspended';
  await platform.until(async () => {
    const [projected] = await platform.owner.query<{ done: boolean }>(
      `SELECT o.state = 'committed' AND l.state ->> 'state' = $2 AS done
       FROM outbox o, ledger_object l WHERE o.id = $1 AND l.object_key = $3`,
      [row?.id, state, payload.party],
    );
    return projected?.done === true;
  });
}
