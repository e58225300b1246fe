import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hex32 } from './protocol';

const DIGEST_DOMAIN = 'cct-chaincode-v1';
const SPEC = /(^|[.-])spec[.-]/;

/**
 * What stands for the code of a build: SHA-256, lower-case hex, over one line per JavaScript file of its `dist` folder,
 * `<path with slashes> <SHA-256 of the file>`, in order of the paths' UTF-16 units, after a first line that names this
 * form. Specs, types and maps are not run and do not count.
 */
export function buildDigest(distFolder: string): Hex32 {
  const digest = createHash('sha256').update(`${DIGEST_DOMAIN}\n`);
  const files = readdirSync(distFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js') && !SPEC.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(distFolder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
  for (const path of files) {
    const content = createHash('sha256')
      .update(readFileSync(join(distFolder, path)))
      .digest('hex');
    digest.update(`${path} ${content}\n`);
  }
  return digest.digest('hex');
}
