import { readdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Bench } from './bench.js';
import { Report } from './report.js';

const SUFFIX = '.bench.js';
const NAMES = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith(SUFFIX))
  .map((file) => file.slice(0, -SUFFIX.length));

/** `NAME [--quick]`: runs one benchmark. A benchmark is a file `NAME.bench.ts` here, with a `Bench` as its default. */
async function run(parameters: readonly string[]): Promise<number> {
  const quick = parameters.includes('--quick');
  const [name = '', ...others] = parameters.filter((parameter) => parameter !== '--quick');
  if (!NAMES.includes(name) || others.length > 0) {
    process.stderr.write(`usage: npm run bench -- NAME [--quick]\nNAME is one of: ${NAMES.join(', ')}\n`);
    return 64;
  }
  const report = new Report(name);
  const load = loadavg()[0] ?? 0;
  report.note(`${availableParallelism()} processors, load average before: ${load.toFixed(1)}`);
  const module = (await import(`./${name}${SUFFIX}`)) as { readonly default: Bench };
  await module.default({ report, quick });
  return 0;
}

process.exitCode = await run(process.argv.slice(2));
