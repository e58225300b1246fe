import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { FabricNetwork, freeSpan } from '@coldchain/deploy-fabric';
import { sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { loadConfiguration } from '@coldchain/runtime';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { REPOSITORY } from './installation.js';
import { descendants, LauncherFolder, untilGone } from './spec-launcher.js';

interface Sample {
  readonly label: string;
  readonly code: string;
  readonly account: { readonly apiKey: string };
}
interface Verdict {
  readonly answer: string;
  readonly reason: string;
  readonly claims: readonly { readonly name: string; readonly state: string }[];
}

const DEMONSTRATED = 'Codes to try';
/** What the demonstration promises. */
const REASONS = {
  ok: 'no-objection',
  'going bad while you watch': 'on-hold',
  held: 'on-hold',
  recalled: 'recalled',
  expired: 'expired',
  'already dispensed': 'already-dispensed',
  unregistered: 'pack-not-registered',
};

const { fabricBin, fabricCacheDir, fabricPort } = loadConfiguration('local');

/** Answers, reasons and claims of the sample codes, as soon as the reasons are the promised ones. */
async function verdictsOf(folder: LauncherFolder): Promise<Record<string, unknown>> {
  const samples = JSON.parse(folder.read('demo-samples.json')) as readonly Sample[];
  for (let round = 0; ; round++) {
    const verdicts = await Promise.all(
      samples.map(async ({ code, account }) => {
        const address = `${folder.apiUrl}/v1/verdict?code=${encodeURIComponent(code)}`;
        const answer = await fetch(address, { headers: { authorization: `Bearer ${account.apiKey}` } });
        return (await answer.json()) as Verdict;
      }),
    );
    const reasons = Object.fromEntries(samples.map(({ label }, index) => [label, verdicts[index]?.reason]));
    if (JSON.stringify(reasons) === JSON.stringify(REASONS) || round === 400) {
      expect(reasons).toEqual(REASONS);
      const essence = ({ answer, claims }: Verdict) => [answer, ...claims.map(({ name, state }) => `${name} ${state}`)];
      return Object.fromEntries(samples.map(({ label }, index) => [label, essence(verdicts[index] as Verdict)]));
    }
    await sleep(500);
  }
}

/** `coldchain fsck`, again while something is on its way to the ledger. */
async function fsck(folder: LauncherFolder): Promise<{ status: number | null; output: string }> {
  for (let round = 0; ; round++) {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['apps/cli/bin/coldchain.js', 'fsck'], {
      cwd: REPOSITORY,
      env: folder.environment,
      encoding: 'utf8',
    });
    if (status !== 2 || round === 20) return { status, output: stdout + stderr };
    await sleep(500);
  }
}

describe('npm start on a Fabric network', () => {
  let embedded: LauncherFolder;
  let folder: LauncherFolder;
  let network: FabricNetwork;
  let expected: Record<string, unknown>;
  const running = (): number[] => network.processes().flatMap(({ pid }) => pid ?? []);

  beforeAll(async () => {
    const port = await freeSpan(fabricPort ?? 20_000 + Math.floor(Math.random() * 10_000));
    const programs = {
      ...(fabricBin === null ? {} : { CCT_FABRIC_BIN: fabricBin }),
      ...(fabricCacheDir === null ? {} : { CCT_FABRIC_CACHE_DIR: fabricCacheDir }),
    };
    embedded = await LauncherFolder.make({});
    folder = await LauncherFolder.make({ CCT_LEDGER: 'fabric', CCT_FABRIC_PORT: String(port), ...programs });
    const settings = { fabricBin, fabricCacheDir, fabricPort: port, fabricBlockMs: null, fabricRegulator: '' };
    network = new FabricNetwork({ ...settings, dataDir: folder.dataDir }, new SystemClock(), new SystemRandom());
    await embedded.started(DEMONSTRATED);
  });
  afterEach(() => folder.stopAll());
  afterAll(async () => {
    await embedded.stopAll();
    await network.destroy();
    embedded.remove();
    folder.remove();
  });

  it('names the port that is taken and the programs that are missing, and leaves nothing running', async () => {
    const missing = folder.launch({ CCT_FABRIC_BIN: '/nowhere' });
    expect(await missing.ended).toBe(1);
    expect(missing.output()).toMatch(/did not start: program-missing: .*\/nowhere/);
    const other = createServer();
    await new Promise<void>((resolve) =>
      other.listen(Number(folder.environment['CCT_FABRIC_PORT']), '127.0.0.1', resolve),
    );
    try {
      const refused = folder.launch();
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toMatch(/did not start: port-taken: .*CCT_FABRIC_PORT/);
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    expect(running()).toEqual([]);
  });

  it('runs the demonstration with the same verdicts as on the embedded ledger, and everything checks', async () => {
    const { child, output, ended } = await folder.started(DEMONSTRATED);
    expect(output()).toContain('The ledger is a Hyperledger Fabric network of four organisations');
    // A fridge fails while one watches: in both at the same time.
    const [there, here] = await Promise.all([verdictsOf(embedded), verdictsOf(folder)]);
    await embedded.stopAll();
    expect(here).toEqual(there);
    expected = there;
    const { status, output: found } = await fsck(folder);
    expect(found).toMatch(/ 0 refused\), .* 0 findings/);
    expect(status).toBe(0);
    expect(running()).toHaveLength(12);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(running()).toEqual([]);
  });

  it('keeps chain and data at a second start, and ends the network when it is killed', async () => {
    const { child, output } = await folder.started(DEMONSTRATED);
    expect(output()).not.toContain('Preparing the demonstration');
    expect(await verdictsOf(folder)).toEqual(expected);
    expect((await fsck(folder)).status).toBe(0);
    const processes = [...descendants(child.pid ?? 0), ...running()];
    expect(processes.length).toBeGreaterThan(15);
    child.kill('SIGKILL');
    expect(await untilGone(processes)).toEqual([]);
  });

  it('says which node has ended, and goes on', async () => {
    const { child, output, ended } = await folder.started();
    process.kill(network.processes().find(({ name }) => name === 'peer-regulator')?.pid ?? 0, 'SIGKILL');
    while (!output().includes('peer-regulator of the Fabric network has ended')) await sleep(50);
    expect((await fetch(`${folder.apiUrl}/readyz`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('leaves a network alone that ran before', async () => {
    await network.up();
    const { child, output, ended } = await folder.started();
    expect(output()).toContain('It ran before this start and goes on after it');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(running()).toHaveLength(12);
    await network.down();
  });

  it('refuses a database that was filled from another ledger', async () => {
    const other = folder.launch({ CCT_LEDGER: 'embedded' });
    expect(await other.ended).toBe(1);
    expect(other.output()).toMatch(/did not start: ledger-differs: .* – set CCT_LEDGER=fabric/);
    const reverse = embedded.launch({ CCT_LEDGER: 'fabric' });
    expect(await reverse.ended).toBe(1);
    expect(reverse.output()).toMatch(/did not start: ledger-differs: .* – set CCT_LEDGER=embedded/);
    await network.destroy();
    const lost = folder.launch();
    expect(await lost.ended).toBe(1);
    expect(lost.output()).toMatch(/did not start: ledger-differs: .*not there any more/);
    // Another network in the same place is another chain.
    await network.up();
    const replaced = folder.launch();
    expect(await replaced.ended).toBe(1);
    expect(replaced.output()).toMatch(/ledger-differs: the database was filled from another chain/);
  });
});
