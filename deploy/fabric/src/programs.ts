import { createHash } from 'node:crypto';
import { accessSync, constants, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { FabricError } from './fabric-error.js';

/** The programs of Hyperledger Fabric that a network needs. */
export const PROGRAMS = ['configtxgen', 'cryptogen', 'orderer', 'peer'] as const;
/** The release that the tools module pins. */
export const FABRIC_RELEASE = '3.1.1';
/** Stock configuration that comes with the programs. */
const CONFIG_FILES = ['core.yaml', 'orderer.yaml'] as const;
const MODULE = 'github.com/hyperledger/fabric';
const TOOLS = fileURLToPath(new URL('../tools', import.meta.url));

/** Programs and the stock configuration that belongs to them. */
export interface Programs {
  readonly bin: string;
  readonly config: string;
}

/** Where programs come from: a folder of the user's, or what `install` built. */
export interface ProgramSettings {
  /** `CCT_FABRIC_BIN` */
  readonly fabricBin: string | null;
  /** `CCT_FABRIC_CACHE_DIR` */
  readonly fabricCacheDir: string | null;
}

/** The user's cache folder (XDG base directories; macOS has its own place). */
export function defaultCacheFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const wanted = environment['XDG_CACHE_HOME'] ?? '';
  if (wanted.startsWith('/')) return join(wanted, 'coldchain');
  return join(homedir(), platform === 'darwin' ? 'Library/Caches' : '.cache', 'coldchain');
}

/** The folder of what the tools module pins: another pin, another folder. */
function installedFolder({ fabricCacheDir }: ProgramSettings): string {
  const pins = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) pins.update(readFileSync(join(TOOLS, file)));
  const key = `fabric-${FABRIC_RELEASE}-${process.platform}-${process.arch}-${pins.digest('hex').slice(0, 12)}`;
  return join(fabricCacheDir ?? defaultCacheFolder(process.env, process.platform), key);
}

/**
 * Finds the programs.
 * @throws FabricError `program-missing`
 */
export function findPrograms(settings: ProgramSettings): Programs {
  const { fabricBin } = settings;
  if (fabricBin === null) {
    const folder = installedFolder(settings);
    if (!existsSync(folder)) {
      throw new FabricError(
        'program-missing',
        `the programs of Hyperledger Fabric ${FABRIC_RELEASE} are not in ${folder}`,
        'run `npm run fabric -- install`, or set CCT_FABRIC_BIN to a folder that has them',
      );
    }
    return complete({ bin: join(folder, 'bin'), config: join(folder, 'config') }, 'run `npm run fabric -- install`');
  }
  // The official archive has `bin` and `config` side by side.
  const config = [join(dirname(fabricBin), 'config'), join(fabricBin, 'config'), fabricBin].find((folder) =>
    CONFIG_FILES.every((file) => existsSync(join(folder, file))),
  );
  if (config === undefined) {
    throw new FabricError(
      'program-missing',
      `there is no core.yaml and orderer.yaml for the programs in ${fabricBin}`,
      'put the `config` folder of the same release beside it',
    );
  }
  return complete({ bin: fabricBin, config }, 'correct CCT_FABRIC_BIN');
}

function complete(programs: Programs, nextStep: string): Programs {
  for (const program of PROGRAMS) {
    try {
      accessSync(join(programs.bin, program), constants.X_OK);
    } catch (cause) {
      const message = `${join(programs.bin, program)} is missing or cannot be executed`;
      throw new FabricError('program-missing', message, nextStep, { cause });
    }
  }
  return programs;
}

/** What `install` found or did. */
export interface Installation extends Programs {
  readonly built: boolean;
}

/**
 * Builds the pinned programs into the cache, once; go.sum is what their sources are checked against. Where `CCT_FABRIC_BIN`
 * is set it only checks that folder.
 * @throws FabricError `go-missing`, `programs-not-built`, `program-missing`
 */
export async function installPrograms(settings: ProgramSettings): Promise<Installation> {
  if (settings.fabricBin !== null) return { ...findPrograms(settings), built: false };
  const target = installedFolder(settings);
  if (existsSync(target)) return { ...findPrograms(settings), built: false };
  mkdirSync(dirname(target), { recursive: true });
  const draft = await mkdtemp(`${target}.`);
  try {
    await buildInto(draft);
    try {
      await rename(draft, target);
    } catch (error) {
      // Somebody else was faster: theirs is as good.
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return { ...findPrograms(settings), built: true };
}

async function buildInto(folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  const config = join(folder, 'config');
  mkdirSync(config, { recursive: true });
  mkdirSync(bin);
  // Go wants to write beside go.mod in some versions; the repository is not its scratch pad.
  const module_ = join(folder, 'tools');
  cpSync(TOOLS, module_, { recursive: true });
  await go(module_, ['install', '-mod=readonly', '-trimpath', '-ldflags', '-s -w', 'tool'], { GOBIN: bin });
  const source = (await go(module_, ['list', '-m', '-mod=readonly', '-f', '{{.Dir}}', MODULE], {})).trim();
  // The module cache is read-only; our copy need not be.
  for (const file of CONFIG_FILES) copyFileSync(join(source, 'sampleconfig', file), join(config, file));
}

/** Runs Go; what it downloads and compiles is shown as it goes. */
function go(folder: string, args: readonly string[], settings: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, {
      cwd: folder,
      // A build of several minutes must not starve what else the machine does; cgo adds nothing but a link to libc.
      env: { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', ...settings },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stdout: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.once('error', (cause) =>
      reject(
        new FabricError(
          'go-missing',
          `Go is needed to build Hyperledger Fabric and does not run: ${cause.message}`,
          'install Go 1.25 or later (https://go.dev/dl), or set CCT_FABRIC_BIN to a folder with the official programs',
          { cause },
        ),
      ),
    );
    child.once('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(stdout).toString('utf8'));
      else
        reject(
          new FabricError(
            'programs-not-built',
            `go ${args[0] ?? ''} ended with ${signal ?? `status ${status ?? '?'}`}`,
            'see what it said above: often the module proxy (GOPROXY) or disk space',
          ),
        );
    });
  });
}
