import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SeededRandom, SystemClock } from '@coldchain/kernel';
import { builtChaincode, chaincodeDigest } from './chaincode-build.js';
import { Daemons } from './daemon.js';
import { FabricNetwork, type FabricSettings } from './fabric-network.js';
import { withLock } from './lock.js';
import { demandFree } from './ports.js';
import { defaultCacheFolder, findPrograms, installPrograms } from './programs.js';
import { tar } from './tar.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coldchain-fabric-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refusal = (code: string, text = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('chaincodeDigest', () => {
  const build = (name: string, files: Readonly<Record<string, string>>): string => {
    const root = join(folder, name);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    return root;
  };
  const files = { 'index.js': 'a', 'domain/decide.js': 'b' };

  it('is the same for the same code, whatever else lies there', () => {
    const others = {
      'index.d.ts': 'x',
      'index.js.map': 'x',
      'domain/decide.spec.js': 'x',
      'domain/spec-world.js': 'x',
    };
    const digest = chaincodeDigest(build('plain', files));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(chaincodeDigest(build('more', { ...others, ...files }))).toBe(digest);
  });

  it('is what the chaincode itself computes of its files', () => {
    const load = createRequire(join(builtChaincode(), 'index.js'));
    const { buildDigest } = load('./build-digest.js') as { readonly buildDigest: (folder: string) => string };
    expect(buildDigest(builtChaincode())).toBe(chaincodeDigest(builtChaincode()));
  });

  it.each([
    ['a byte', { ...files, 'index.js': 'A' }],
    ['a name', { 'index.js': 'a', 'domain/decided.js': 'b' }],
    ['a file more', { ...files, 'extra.js': '' }],
    ['contents swapped', { 'index.js': 'b', 'domain/decide.js': 'a' }],
  ])('changes with %s', (name, changed) => {
    expect(chaincodeDigest(build(name, changed))).not.toBe(chaincodeDigest(build('base', files)));
  });
});

describe('tar', () => {
  it('is the same bytes for the same content, and what tar programs read', async () => {
    const entries = [
      { name: 'metadata.json', content: Buffer.from('{}') },
      { name: 'code.tar.gz', content: Buffer.alloc(700, 1) },
    ];
    expect(tar(entries).equals(tar(entries))).toBe(true);
    const file = join(folder, 'archive.tar.gz');
    writeFileSync(file, gzipSync(tar(entries)));
    expect(gunzipSync(readFileSync(file)).length % 512).toBe(0);
    const listed = await new Promise<string>((resolve, reject) => {
      const program = spawn('tar', ['-tzf', file]);
      let text = '';
      program.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      program.once('error', reject);
      program.once('close', () => resolve(text));
    });
    expect(listed).toBe('metadata.json\ncode.tar.gz\n');
  });
});

describe('programs', () => {
  it('that are not built lead to install', () => {
    const settings = { fabricBin: null, fabricCacheDir: join(folder, 'empty-cache') };
    expect(() => findPrograms(settings)).toThrow(refusal('program-missing', 'are not in'));
  });

  it('of an official archive are found with the configuration beside them', () => {
    const archive = join(folder, 'archive');
    for (const part of ['bin', 'config']) mkdirSync(join(archive, part), { recursive: true });
    const settings = { fabricBin: join(archive, 'bin'), fabricCacheDir: null };
    expect(() => findPrograms(settings)).toThrow(refusal('program-missing', 'core.yaml'));
    for (const file of ['core.yaml', 'orderer.yaml']) writeFileSync(join(archive, 'config', file), '');
    for (const program of ['configtxgen', 'cryptogen', 'orderer'])
      writeFileSync(join(archive, 'bin', program), '', { mode: 0o755 });
    writeFileSync(join(archive, 'bin', 'peer'), '', { mode: 0o644 });
    expect(() => findPrograms(settings)).toThrow(refusal('program-missing', 'cannot be executed'));
    writeFileSync(join(archive, 'bin', 'osnadmin'), '');
    rmSync(join(archive, 'bin', 'peer'));
    writeFileSync(join(archive, 'bin', 'peer'), '', { mode: 0o755 });
    expect(findPrograms(settings)).toEqual({ bin: join(archive, 'bin'), config: join(archive, 'config') });
  });

  it('need Go, and say so', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      const settings = { fabricBin: null, fabricCacheDir: join(folder, 'cache-without-go') };
      await expect(installPrograms(settings)).rejects.toEqual(refusal('go-missing'));
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('lie in the cache folder of the user', () => {
    expect(defaultCacheFolder({ XDG_CACHE_HOME: '/caches' }, 'linux')).toBe('/caches/coldchain');
    expect(defaultCacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux')).toMatch(/\/\.cache\/coldchain$/);
    expect(defaultCacheFolder({}, 'darwin')).toMatch(/\/Library\/Caches\/coldchain$/);
  });
});

describe('daemons', () => {
  const plan = {
    name: 'sleeper',
    program: process.execPath,
    args: ['-e', 'setInterval(()=>{},1000)'],
    settings: {},
    ports: [],
  };

  it('are started, recognised and stopped', async () => {
    const daemons = new Daemons(join(folder, 'run'), join(folder, 'logs'));
    daemons.start(plan);
    expect(daemons.running('sleeper')).toBeGreaterThan(1);
    expect(daemons.runsAs(plan)).toBe(true);
    expect(daemons.runsAs({ ...plan, settings: { A: 'other' } })).toBe(false);
    expect(new Daemons(join(folder, 'run'), join(folder, 'logs')).recorded()).toEqual(['sleeper']);
    await daemons.stop('sleeper');
    expect(daemons.running('sleeper')).toBeNull();
    expect(daemons.recorded()).toEqual([]);
  });

  it('leave alone a process that merely has the same number', async () => {
    const run = join(folder, 'reused');
    mkdirSync(run);
    const record = { pid: process.pid, start: 'another time', plan: '' };
    writeFileSync(join(run, 'sleeper.json'), JSON.stringify(record));
    const daemons = new Daemons(run, join(folder, 'logs'));
    expect(daemons.running('sleeper')).toBeNull();
    await daemons.stop('sleeper');
    expect(existsSync(join(run, 'sleeper.json'))).toBe(false);
  });
});

describe('ports', () => {
  it('that are taken are refused with the variable to change', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(demandFree('peer-regulator', [port])).rejects.toEqual(refusal('port-taken', 'peer-regulator'));
    await new Promise((resolve) => server.close(resolve));
    await expect(demandFree('peer-regulator', [port])).resolves.toBeUndefined();
  });
});

describe('withLock', () => {
  it('lets one after the other and takes over what a killed holder left', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, '999999999 some time');
    const order: number[] = [];
    const work = (number: number) => () => {
      order.push(number);
      return new Promise<void>((resolve) => setTimeout(() => resolve(void order.push(-number)), 30));
    };
    await Promise.all([withLock(file, work(1)), withLock(file, work(2))]);
    expect(order).toEqual([1, -1, 2, -2]);
    expect(existsSync(file)).toBe(false);
  });
});

describe('a network that is not there', () => {
  const settings = (dataDir: string): FabricSettings => ({
    dataDir,
    fabricBin: null,
    fabricCacheDir: join(folder, 'no-programs'),
    fabricPort: null,
    fabricBlockMs: null,
    fabricRegulator: 'medicines-authority',
  });
  const network = (dataDir: string): FabricNetwork =>
    new FabricNetwork(settings(dataDir), new SystemClock(), new SeededRandom('fabric'));

  it('can be asked, stopped and destroyed, but not deployed to', async () => {
    const absent = network(join(folder, 'absent'));
    expect((await absent.status()).problems).toEqual([expect.stringContaining('there is no network')]);
    expect(await absent.down()).toEqual([]);
    await expect(absent.deploy()).rejects.toEqual(refusal('network-not-running'));
    await expect(absent.up()).rejects.toEqual(refusal('program-missing'));
    await expect(absent.identity('PharmacyMSP:pharmacy-north')).rejects.toEqual(refusal('authority-unusable'));
    expect(await absent.destroy()).toBe(false);
    expect(existsSync(join(folder, 'absent', 'fabric'))).toBe(false);
  });

  it('is not made in a folder whose name Fabric would take apart', () => {
    expect(() => network('/data/my chain')).toThrow(refusal('path-unusable'));
  });
});
