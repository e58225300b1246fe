import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { connect } from 'node:tls';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { loadConfiguration } from '@coldchain/runtime';
import { builtChaincode, chaincodeDigest } from './chaincode-build.js';
import { atPeers, type ChannelContext, toOrderer } from './channel.js';
import { type CommandResult, runCommand } from './command.js';
import { FabricNetwork, type FabricSettings } from './fabric-network.js';
import { askNode } from './node-client.js';
import { clientSettings } from './node-settings.js';
import type { NetworkStatus } from './network-status.js';
import { ORGANISATIONS, type Organisation } from './organisations.js';
import { freeSpan, PORT_SPAN, portsOf } from './ports.js';
import { findPrograms } from './programs.js';

const REGULATOR = 'RegulatorMSP:medicines-authority';

const configuration = loadConfiguration('local');
/** Others may test on the same machine. */
const FIRST_PORT = await freeSpan(configuration.fabricPort ?? 20_000 + Math.floor(Math.random() * 10_000));
const SECOND_PORT = await freeSpan(FIRST_PORT + PORT_SPAN);
const folder = mkdtempSync(join(tmpdir(), 'coldchain-fabric-network-'));

function settingsOf(name: string, fabricPort: number): FabricSettings {
  const { fabricBin, fabricCacheDir } = configuration;
  const dataDir = join(folder, name);
  return { dataDir, fabricBin, fabricCacheDir, fabricPort, fabricBlockMs: 50, fabricRegulator: 'medicines-authority' };
}
const networkOf = (settings: FabricSettings): FabricNetwork =>
  new FabricNetwork(settings, new SystemClock(), new SystemRandom());

const first = networkOf(settingsOf('first', FIRST_PORT));
const second = networkOf(settingsOf('second', SECOND_PORT));

function contextOf(network: FabricNetwork, basePort: number): ChannelContext {
  const programs = findPrograms(configuration);
  const { layout } = network;
  return { layout, basePort, programs, configFolder: programs.config, builderFolder: '', coresPerNode: 1 };
}
const context = contextOf(first, FIRST_PORT);

const organisation = (mspid: string): Organisation => {
  const found = ORGANISATIONS.find((one) => one.mspid === mspid);
  if (found === undefined) throw new Error(mspid);
  return found;
};

/** Calls the chaincode through the `peer` program as a party; with endorsers it submits and waits for the block. */
async function call(
  party: string,
  args: readonly string[],
  endorsers?: readonly Organisation[],
): Promise<CommandResult> {
  const [mspid = ''] = party.split(':');
  const { msp } = await first.identity(party);
  const what = ['-C', 'coldchain', '-n', 'coldchain', '-c', JSON.stringify({ Args: args })];
  const how =
    endorsers === undefined
      ? ['query', ...what]
      : [
          ...['invoke', '--waitForEvent', ...what],
          ...(await toOrderer(ORGANISATIONS, context)),
          ...atPeers(endorsers, context),
        ];
  const settings = clientSettings(organisation(mspid), msp, context);
  return runCommand(join(context.programs.bin, 'peer'), ['chaincode', ...how], settings);
}

const heights = ({ organisations }: NetworkStatus): (string | undefined)[] =>
  organisations.map(({ peer }) => (peer === null ? undefined : `${peer.height} ${peer.currentBlockHash}`));
const pids = ({ processes }: NetworkStatus): Map<string, number | null> =>
  new Map(processes.map(({ name, pid }) => [name, pid]));
const isGone = (pid: number): boolean => {
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
};

beforeAll(async () => {
  await first.up();
  await first.deploy();
}, 120_000);

afterAll(async () => {
  await Promise.all([first.destroy(), second.destroy()]);
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Peers get a block one after the other: asked until they agree. */
async function settled(network: FabricNetwork): Promise<NetworkStatus> {
  for (let round = 0; ; round++) {
    const status = await network.status();
    if (status.problems.length === 0 || round === 40) return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('the network', () => {
  it('runs four organisations that agree on the built chaincode', async () => {
    const status = await settled(first);
    expect(status.problems).toEqual([]);
    expect(status.processes).toHaveLength(12);
    expect(new Set(heights(status)).size).toBe(1);
    const version = chaincodeDigest(builtChaincode());
    expect(status.organisations.map(({ definition }) => definition)).toEqual(
      Array(4).fill(expect.objectContaining({ sequence: 1, version })),
    );
  });

  it('does nothing when asked for again', async () => {
    const before = await settled(first);
    expect(await first.up()).toMatchObject({ started: [] });
    expect(await first.deploy()).toMatchObject({ sequence: 1, committed: false, seeded: false, regulator: REGULATOR });
    const after = await settled(first);
    expect(heights(after)).toEqual(heights(before));
    expect(pids(after)).toEqual(pids(before));
  });

  it('lets the regulator register a party, and every organisation read it', async () => {
    const party = { party: 'PharmacyMSP:pharmacy-north', roles: ['pharmacy'], prefixes: ['9520003'] };
    const registered = await call(REGULATOR, ['registerParty', JSON.stringify(party)], ORGANISATIONS.slice(1));
    expect(registered).toMatchObject({ status: 0 });
    for (const { mspid } of ORGANISATIONS) {
      const read = await call(`${mspid}:reader`, ['getParty', party.party]);
      expect(JSON.parse(read.stdout)).toMatchObject(party);
    }
  });

  it('knows parties of one organisation by their enrolment names', async () => {
    const party = { party: 'PharmacyMSP:pharmacy-south', roles: ['pharmacy'], prefixes: [] };
    const refused = await call('PharmacyMSP:pharmacy-north', ['registerParty', JSON.stringify(party)], ORGANISATIONS);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('role-missing');
    expect(refused.stderr).toContain('PharmacyMSP:pharmacy-north');
  });

  it('refuses what two of four endorsed, and says so', async () => {
    const party = { party: 'DistributorMSP:too-few', roles: ['distributor'], prefixes: [] };
    const invalid = await call(REGULATOR, ['registerParty', JSON.stringify(party)], ORGANISATIONS.slice(2));
    expect(invalid.stderr).toContain('ENDORSEMENT_POLICY_FAILURE');
    expect((await call(REGULATOR, ['getParty', party.party])).stdout.trim()).toBe('');
  });

  it('tells the digest of the build that answers', async () => {
    const version = chaincodeDigest(builtChaincode());
    const metadata = await call('ManufacturerMSP:reader', ['org.hyperledger.fabric:GetMetadata']);
    expect(JSON.parse(metadata.stdout)).toMatchObject({ info: { version } });
    expect((await call('PharmacyMSP:reader', ['getBuildDigest', ''])).stdout.trim()).toBe(version);
  });
});

describe('access', () => {
  const [manufacturer] = ORGANISATIONS;
  if (manufacturer === undefined) throw new Error('no organisation');
  const ports = portsOf(manufacturer, FIRST_PORT);

  /** Resolves to the code of the alert or error that ends a TLS connection without a client certificate. */
  const withoutCertificate = (port: number): Promise<string> =>
    new Promise((resolve) => {
      const answer = (text: string): void => {
        socket.destroy();
        resolve(text);
      };
      const ca = readFileSync(first.layout.chaincodeTls(manufacturer).authority);
      const orderers = readFileSync(first.layout.ordererTls(manufacturer).authority);
      const socket = connect({ host: '127.0.0.1', port, ca: [ca, orderers], ALPNProtocols: ['h2'] });
      socket.once('error', (error: NodeJS.ErrnoException) => answer(error.code ?? error.message));
      socket.once('end', () => answer('ended'));
      socket.setTimeout(2_000, () => answer('open'));
    });

  it('to a chaincode server and to the administration of an orderer needs a certificate', async () => {
    expect(await withoutCertificate(ports.chaincode)).toMatch(/CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE/i);
    expect(await withoutCertificate(ports.ordererAdmin)).toMatch(
      /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE/i,
    );
  });

  it('with the certificate of another organisation is refused', async () => {
    const [, distributor] = ORGANISATIONS;
    if (distributor === undefined) throw new Error('no organisation');
    const foreign = {
      ...first.layout.ordererAdminTls(distributor),
      authority: first.layout.ordererAdminTls(manufacturer).authority,
    };
    await expect(askNode(ports.ordererAdmin, '/participation/v1/channels', foreign)).rejects.toThrow();
  });
});

describe('repair', () => {
  it.each(['peer-distributor', 'orderer-manufacturer', 'chaincode-regulator'])(
    'starts %s after a kill, and nothing else',
    async (name) => {
      const pid = pids(await first.status()).get(name);
      if (typeof pid !== 'number') throw new Error(`${name} does not run`);
      process.kill(pid, 'SIGKILL');
      const missing = `${name} does not run`;
      for (let round = 0; !(await first.status()).problems.includes(missing); round++) expect(round).toBeLessThan(20);
      expect(await first.up()).toEqual({ started: [name], meshed: true });
      const party = { party: `PharmacyMSP:after-${name}`, roles: ['pharmacy'], prefixes: [] };
      const registered = await call(REGULATOR, ['registerParty', JSON.stringify(party)], ORGANISATIONS);
      expect(registered).toMatchObject({ status: 0 });
      expect((await settled(first)).problems).toEqual([]);
    },
    60_000,
  );

  it('keeps the chain over a full stop, which leaves no process', async () => {
    const before = await settled(first);
    expect(await first.down()).toHaveLength(12);
    for (const pid of pids(before).values()) expect(pid === null || isGone(pid)).toBe(true);
    expect(await first.down()).toEqual([]);
    expect((await first.up()).started).toHaveLength(12);
    const after = await settled(first);
    expect(after.problems).toEqual([]);
    expect(heights(after)).toEqual(heights(before));
  }, 60_000);

  it('names the port that another program has taken', async () => {
    await first.down();
    const { peer } = portsOf(organisation('PharmacyMSP'), FIRST_PORT);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(peer, '127.0.0.1', resolve));
    try {
      await expect(first.up()).rejects.toEqual(
        expect.objectContaining({ code: 'port-taken', message: expect.stringContaining(String(peer)) }),
      );
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
    expect((await first.status()).processes.every(({ pid }) => pid === null)).toBe(true);
    expect((await first.up()).started).toHaveLength(12);
  }, 60_000);

  it('refuses settings that the chain was not made with', async () => {
    const moved = networkOf({ ...settingsOf('first', FIRST_PORT), fabricPort: SECOND_PORT });
    await expect(moved.up()).rejects.toEqual(expect.objectContaining({ code: 'settings-differ' }));
  });
});

describe('single processes', () => {
  it('start by themselves, and another orderer leads when the first is gone', async () => {
    const leader = await first.leader();
    if (leader === null) throw new Error('nobody leads');
    for (const name of [leader, 'peer-pharmacy'] as const) {
      const pid = first.processes().find((one) => one.name === name)?.pid;
      process.kill(pid ?? 0, 'SIGKILL');
    }
    // Nobody takes the lead before there is something to order.
    const party = { party: 'PharmacyMSP:without-leader', roles: ['pharmacy'], prefixes: [] };
    const others = ORGANISATIONS.filter(({ slug }) => slug !== 'pharmacy');
    await call(REGULATOR, ['registerParty', JSON.stringify(party)], others);
    for (let round = 0; (await first.leader()) === leader; round++) {
      expect(round).toBeLessThan(200);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await first.startProcess(leader);
    const missing = first.processes().filter(({ pid }) => pid === null);
    expect(missing).toEqual([{ name: 'peer-pharmacy', pid: null }]);
    await first.startProcess('peer-pharmacy');
    expect((await settled(first)).problems).toEqual([]);
  }, 90_000);
});

describe('a network in the charge of a process', () => {
  const charged = settingsOf('charged', SECOND_PORT);
  const script = `
    import { FabricNetwork } from ${JSON.stringify(new URL('./index.js', import.meta.url).href)};
    import { SystemClock, SystemRandom } from '@coldchain/kernel';
    const network = new FabricNetwork(${JSON.stringify(charged)}, new SystemClock(), new SystemRandom());
    console.log((await network.takeCharge('destroy')) === null ? 'refused' : 'taken');
    await network.up();
    console.log('up');
    setInterval(() => undefined, 1000);`;

  it('ends when that is killed; one that runs for itself is left alone', async () => {
    const network = networkOf(charged);
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: dirname(fileURLToPath(import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe('taken');
      expect((await lines.next()).value).toBe('up');
      expect(network.processes().filter(({ pid }) => pid !== null)).toHaveLength(8);
      await expect(network.takeCharge('down')).rejects.toMatchObject({ code: 'in-use' });
    } finally {
      holder.kill('SIGKILL');
    }
    for (let round = 0; existsSync(charged.dataDir); round++) {
      expect(round).toBeLessThan(300);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(network.processes().every(({ pid }) => pid === null)).toBe(true);
    expect(await first.takeCharge('down')).toBeNull();
  }, 60_000);

  it('is ended by it, unless somebody ended and started it in between', async () => {
    const network = networkOf(charged);
    const charge = await network.takeCharge('destroy');
    await network.up();
    await network.down();
    await network.up();
    await charge?.end();
    expect(network.processes().filter(({ pid }) => pid !== null)).toHaveLength(8);
    await network.down();
    const again = await network.takeCharge('destroy');
    await again?.end();
    expect(existsSync(network.layout.root)).toBe(false);
  }, 60_000);
});

describe('another build of the chaincode', () => {
  it('becomes the next definition, on the same state', async () => {
    const changed = join(folder, 'changed', 'dist');
    mkdirSync(dirname(changed), { recursive: true });
    cpSync(builtChaincode(), changed, { recursive: true });
    cpSync(join(builtChaincode(), '..', 'package.json'), join(changed, '..', 'package.json'));
    const modules = dirname(dirname(dirname(builtChaincode())));
    symlinkSync(join(modules, 'node_modules'), join(changed, '..', 'node_modules'));
    appendFileSync(join(changed, 'index.js'), '// another build\n');
    const version = chaincodeDigest(changed);
    expect(await first.deploy(changed)).toMatchObject({ sequence: 2, version, committed: true, seeded: false });
    expect((await settled(first)).problems).toEqual([]);
    const read = await call(REGULATOR, ['getParty', 'PharmacyMSP:pharmacy-north']);
    expect(JSON.parse(read.stdout)).toMatchObject({ prefixes: ['9520003'] });
  }, 60_000);

  it('that was changed after it was agreed on is not served', async () => {
    const { served } = await first.status();
    const folder_ = first.layout.chaincodeFolder(served ?? '');
    appendFileSync(join(folder_, 'dist', 'index.js'), '// forged\n');
    await first.down();
    await expect(first.up()).rejects.toEqual(
      expect.objectContaining({
        code: 'process-ended',
        details: { nextStep: expect.stringContaining('chaincode-differs') },
      }),
    );
  }, 60_000);
});

describe('two networks', () => {
  it('live beside each other in their own folders and ports', async () => {
    expect((await second.up()).started).toHaveLength(8);
    expect(await second.deploy()).toMatchObject({ sequence: 1, committed: true, seeded: true });
    expect((await settled(second)).problems).toEqual([]);
    expect(await second.destroy()).toBe(true);
    expect(await second.destroy()).toBe(false);
  }, 120_000);
});
