import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the repository, without a final slash. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** A file or folder of the shared test data, which lies beside the repository; null where it is missing. */
export function sharedData(path: string): string | null {
  const found = join(repositoryRoot, '..', 'shared', 'data', path);
  return existsSync(found) ? found : null;
}
