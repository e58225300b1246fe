import { execFileSync } from 'node:child_process';
import { makeOnce, programFolder } from '../../../support/program-cache.js';

/** Packages with their versions, and the folder in the cache that they are installed into. */
export interface NpmPackages {
  readonly folder: string;
  readonly packages: readonly string[];
}

/** @param name with the release in it */
export function npmPackages(name: string, packages: readonly string[]): NpmPackages {
  return { folder: programFolder(name), packages };
}

/** Installs them, without their install scripts. @throws where npm or the registry cannot be reached */
export function installPackages({ folder, packages }: NpmPackages): void {
  makeOnce(folder, (draft) => {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel', 'error'];
    // Without a network it is said soon.
    const patience = ['--fetch-retries', '1', '--fetch-retry-mintimeout', '2000'];
    execFileSync('npm', ['install', '--prefix', draft, ...quiet, ...patience, ...packages], {
      cwd: draft,
      stdio: 'inherit',
    });
  });
}
