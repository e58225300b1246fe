import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SeededRandom, sleep } from '@coldchain/kernel';
import { Platform } from '../contract/platform.js';
import { newStream, storeFrames } from '../contract/stored-frames.js';
import { allVisible, freePort, repositoryRoot } from '../support/index.js';

const KILLS = 12;
const FRAMES = 3_000;
const ORGANISATIONS = ['polar-logistics', 'aurora-pharma'];

describe('kill -9 of the process that grows the telemetry logs', () => {
  let platform: Platform;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    platform = await Platform.start(300_000);
  }, 60_000);
  afterAll(async () => {
    child?.kill('SIGKILL');
    await platform.stop();
  });

  it('leaves neither a gap nor a double', async () => {
    const seed = jest.getSeed();
    process.stderr.write(`roots-kill seed: ${seed}\n`);
    const random = new SeededRandom(`roots-kill-${seed}`);
    const port = await freePort();
    const streams: number[] = [];
    for (const organisation of ORGANISATIONS) streams.push(await newStream(platform.owner, organisation, 'killed'));
    const count = async (): Promise<number> => {
      const [row] = await platform.owner.query<{ trees: number }>('SELECT count(*) AS trees FROM telemetry_root');
      return row?.trees ?? 0;
    };

    let killedInside = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      child = startIngest(platform.databaseUrl, port);
      const before = await count();
      // So many that making a tree takes a while: most kills fall into one.
      for (const stream of streams) {
        for (let from = 0; from < FRAMES; from += 500) {
          const numbers = Array.from({ length: 500 }, (_, index) => kill * FRAMES + from + index);
          await storeFrames(platform.owner, stream, numbers);
        }
      }
      await platform.until(async () => (await working(platform)) || (await count()) > before);
      await sleep(Math.floor(random.unit() * 60));
      if (await working(platform)) killedInside++;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    process.stderr.write(`roots-kill: ${killedInside} of ${KILLS} kills while a log was locked\n`);

    await allVisible(platform.owner);
    await platform.growRoots();
    await platform.settled();
    const leaves = await platform.owner.query(
      `SELECT stream, sum(frames)::integer AS frames, max(first_seq + frames)::integer AS next FROM telemetry_run
       GROUP BY stream ORDER BY stream`,
    );
    expect(leaves).toEqual(streams.map((stream) => ({ stream, frames: KILLS * FRAMES, next: KILLS * FRAMES })));
    const report = await platform.fsck();
    expect(report).toMatchObject({ findings: [], roots: { pending: 0, pendingFrames: 0 } });
    expect(report.roots.frames).toBe(KILLS * FRAMES * streams.length);
  }, 240_000);
});

/** Is a transaction of the child growing a log? */
async function working(platform: Platform): Promise<boolean> {
  const [row] = await platform.owner.query<{ working: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a USING (pid)
                    WHERE c.relname = 'telemetry_log' AND l.mode = 'RowShareLock' AND a.application_name = 'iot-ingest') AS working`,
  );
  return row?.working === true;
}

function startIngest(databaseUrl: string, port: number): ChildProcess {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_'));
  return spawn(process.execPath, [join(repositoryRoot, 'apps/iot-ingest/dist/main.js')], {
    env: {
      ...Object.fromEntries(own),
      CCT_DATABASE_URL: databaseUrl,
      CCT_MQTT_PORT: String(port),
      CCT_LOG_LEVEL: 'error',
      CCT_ROOTS_INTERVAL_MS: '100',
      CCT_PARENT_PIPE: '1',
    },
    stdio: ['pipe', 'inherit', 'inherit'],
  });
}
