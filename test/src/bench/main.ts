import { readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';
import { Report } from './report.js';

const SUFFIX = '.bench.js';
const NAMES = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));

const USAGE = `usage: npm run bench -- NAME [--quick] [--peers] [--only CASE,CASE]\nNAME is one of: ${NAMES.join(', ')}\n`;

/** Runs one benchmark. A benchmark is a file `NAME.bench.ts` here, with a `Bench` as its default. */
async function run(parameters: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...parameters],
    options: { quick: { type: 'boolean' }, peers: { type: 'boolean' }, only: { type: 'string' } },
    allowPositionals: true,
    strict: true,
  });
  const [name = '', ...others] = positionals;
  if (!NAMES.includes(name) || others.length > 0) {
    process.stderr.write(USAGE);
    return 64;
  }
  const report = new Report(name);
  const load = loadavg()[0] ?? 0;
  report.note(`${availableParallelism()} processors, load average before: ${load.toFixed(1)}`);
  const module = (await import(`./${name}${SUFFIX}`)) as { readonly default: Bench };
  await module.default({
    report,
    quick: values.quick ?? false,
    peers: values.peers ?? false,
    only: values.only?.split(',') ?? null,
  });
  return 0;
}

process.exitCode = await run(process.argv.slice(2));
