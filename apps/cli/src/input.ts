import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.js';
import type { Terminal } from './command.js';

/** The bytes of a FILE parameter; `-` is standard input. @throws CliError `file-unreadable` */
export async function readInput(file: string, terminal: Terminal): Promise<Buffer> {
  if (file === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of terminal.input) chunks.push(chunk);
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new CliError(
      'file-unreadable',
      `cannot read '${file}' (${reason})`,
      'name an existing file, or - for standard input',
    );
  }
}

/** A FILE parameter with JSON in it. @throws CliError `json-invalid` */
export async function readJson(file: string, terminal: Terminal): Promise<unknown> {
  const bytes = await readInput(file, terminal);
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new CliError('json-invalid', `'${file}' is not JSON: ${text}`, 'correct the document');
  }
}
