import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Files of the pages, beside `dist`. */
export const ASSETS_FOLDER = fileURLToPath(new URL('../assets', import.meta.url));

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Version of this package. */
export const VERSION: string =
  typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
