import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CHAINCODE_NAME } from '@coldchain/chaincode/protocol';
import { FabricError } from './fabric-error.js';
import type { Layout } from './layout.js';
import { tar } from './tar.js';

/** A build of the chaincode that servers can run, and its package for the peers. */
export interface ChaincodeBuild {
  /** {@link chaincodeDigest} of its files; the version of the definition. */
  readonly digest: string;
  /** Folder with `package.json`, `dist` and the packages that it needs. */
  readonly folder: string;
  readonly packageFile: string;
  /** As peers compute it: label, colon, SHA-256 of the package. */
  readonly packageId: string;
}

const DIGEST_DOMAIN = 'cct-chaincode-v1';
const SPEC = /(^|[.-])spec[.-]/;

/**
 * What stands for the code of a build: SHA-256, lower-case hex, over one line per JavaScript file of its `dist` folder,
 * `<path with slashes> <SHA-256 of the file>`, in order of the paths' UTF-16 units, after a first line that names this
 * form. Specs, types and maps are not run and do not count.
 */
export function chaincodeDigest(distFolder: string): string {
  const digest = createHash('sha256').update(`${DIGEST_DOMAIN}\n`);
  for (const path of runFiles(distFolder)) {
    const content = createHash('sha256')
      .update(readFileSync(join(distFolder, path)))
      .digest('hex');
    digest.update(`${path} ${content}\n`);
  }
  return digest.digest('hex');
}

function runFiles(distFolder: string): string[] {
  return readdirSync(distFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !SPEC.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(distFolder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

/** The `dist` folder of the repository's chaincode. */
export const builtChaincode = (): string => dirname(createRequire(import.meta.url).resolve('@coldchain/chaincode'));

/**
 * Copies built chaincode into the network's folder, so that a later build changes nothing that runs.
 * @throws FabricError `chaincode-not-built`
 */
export function stageChaincode(layout: Layout, dist: string): ChaincodeBuild {
  if (!existsSync(join(dist, 'index.js'))) {
    throw new FabricError('chaincode-not-built', `there is no index.js in ${dist}`, 'run `npm run build`');
  }
  const digest = chaincodeDigest(dist);
  const folder = layout.chaincodeFolder(digest);
  if (!existsSync(folder)) stage(dist, folder, digest);
  return stagedChaincode(layout, digest);
}

/** A build that was staged before. @throws FabricError `state-unusable` */
export function stagedChaincode(layout: Layout, digest: string): ChaincodeBuild {
  const folder = layout.chaincodeFolder(digest);
  const packageFile = join(folder, 'package.tar.gz');
  if (!existsSync(packageFile)) {
    throw new FabricError('state-unusable', `${packageFile} is missing`, 'run `npm run fabric -- deploy`');
  }
  const id = createHash('sha256').update(readFileSync(packageFile)).digest('hex');
  return { digest, folder, packageFile, packageId: `${labelOf(digest)}:${id}` };
}

const labelOf = (digest: string): string => `${CHAINCODE_NAME}_${digest.slice(0, 16)}`;

function stage(dist: string, folder: string, digest: string): void {
  const draft = `${folder}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const path of runFiles(dist)) cpSync(join(dist, path), join(draft, 'dist', path));
  cpSync(join(dirname(dist), 'package.json'), join(draft, 'package.json'));
  symlinkSync(modulesFolder(dist), join(draft, 'node_modules'));
  writeFileSync(join(draft, 'package.tar.gz'), packageOf(digest));
  renameSync(draft, folder);
}

/** The folder that the chaincode's own packages were installed into. */
function modulesFolder(dist: string): string {
  const shim = createRequire(join(dist, 'index.js')).resolve('fabric-shim/package.json');
  return dirname(dirname(shim));
}

/**
 * A package for chaincode as a service. It holds no code, so the digest of the code is put into it: approving the package
 * is approving that build. Where the server is comes from each peer's own settings.
 */
function packageOf(digest: string): Buffer {
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  const code = gzipSync(tar([{ name: 'build.json', content: json({ sha256: digest }) }]));
  return gzipSync(
    tar([
      { name: 'metadata.json', content: json({ type: 'ccaas', label: labelOf(digest) }) },
      { name: 'code.tar.gz', content: code },
    ]),
  );
}
