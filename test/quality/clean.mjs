// Removes what the build made: `dist` of every package (stale specs of renamed files would still run) and coverage.
// `--modules` also removes every node_modules, nested ones too: a lock must be made from an empty tree.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packages = workspaces.flatMap((pattern) =>
  pattern.endsWith('/*')
    ? readdirSync(join(root, pattern.slice(0, -2)), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(pattern.slice(0, -2), entry.name))
    : [pattern],
);
const names = process.argv.includes('--modules') ? ['dist', 'coverage', 'node_modules'] : ['dist', 'coverage'];
for (const folder of ['.', ...packages])
  for (const name of names) rmSync(join(root, folder, name), { recursive: true, force: true });
