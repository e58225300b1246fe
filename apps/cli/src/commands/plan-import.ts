import { constants, openAsBlob } from 'node:fs';
import { access } from 'node:fs/promises';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation, Terminal } from '../command.js';

interface Imported {
  readonly repeated: boolean;
  readonly rows: number;
  readonly series: number;
  readonly refusedSeries: number;
  readonly problems: readonly { readonly line: number; readonly code: string; readonly detail: string }[];
}

/** Imports a demand list; 2: some series were refused, 1: all were. */
export async function runPlanImport(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser']));
  const source = options.text('source');
  const path = source === undefined ? '/v1/demand' : `/v1/demand?${new URLSearchParams({ source }).toString()}`;
  const answer = (await client.postFile(path, 'text/csv', await bodyOf(positionals[0] ?? '-', terminal))) as Imported;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    const before = answer.repeated ? ' (imported before, counted once)' : '';
    terminal.out(`${answer.rows} rows of ${answer.series} series${before}`);
    for (const { line, code, detail } of answer.problems) terminal.note(`coldchain: ${code}: line ${line}: ${detail}`);
    if (answer.refusedSeries > 0) {
      terminal.note(`${answer.refusedSeries} series were refused – correct their rows and import the list again`);
    }
  }
  if (answer.refusedSeries === 0) return 0;
  return answer.rows === 0 ? 1 : 2;
}

/** Sets prices from a list: the whole of it, or nothing. */
export async function runPlanPrices(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser']));
  const body = await bodyOf(positionals[0] ?? '-', terminal);
  const answer = (await client.postFile('/v1/article-prices', 'text/csv', body)) as {
    readonly articles: number;
    readonly changed: number;
  };
  terminal.out(json ? JSON.stringify(answer) : `${answer.articles} articles, ${answer.changed} prices changed`);
  return 0;
}

/** The file without reading it into memory, or standard input as it comes. @throws CliError `file-unreadable` */
async function bodyOf(file: string, terminal: Terminal): Promise<Blob | ReadableStream<Uint8Array>> {
  if (file === '-') return ReadableStream.from(terminal.input) as ReadableStream<Uint8Array>;
  try {
    // Of a file that is missing `openAsBlob` says that its argument is wrong.
    await access(file, constants.R_OK);
    return await openAsBlob(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CliError(
      'file-unreadable',
      `cannot read '${file}' (${reason})`,
      'name an existing file, or - for standard input',
    );
  }
}
