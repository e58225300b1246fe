import { basename } from 'node:path';
import { parseCode } from '@coldchain/gs1';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readInput } from '../input.js';

interface Attached {
  readonly repeated: boolean;
  readonly sha256: string;
  readonly device: string;
  readonly serial: string | null;
  readonly zone: { readonly assumed: boolean };
  readonly evidence: string;
  readonly readings: Readonly<Record<'inFile' | 'outside' | 'duplicates' | 'differing' | 'stored', number>>;
  readonly problems: readonly { readonly code: string; readonly line: number; readonly message: string }[];
  readonly contradictions: readonly { readonly code: string; readonly message: string }[];
}

/** Attaches a logger export to a unit. 0: its readings count, 2: it is kept, but holds no readings. */
export async function runLoggerUpload(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const unit = options.text('unit');
  if (unit === undefined) throw usageError('--unit is missing', 'logger upload');
  const file = positionals[0] ?? '-';
  const [zone, logger] = [options.text('zone'), options.text('logger')];
  const content = (await readInput(file, terminal)).toString('utf8');
  const client = new ApiClient(apiAccess(invocation, ['shipper', 'dispenser', 'quality', 'device-manager']));
  const sscc = parseCode(unit, new Date().getUTCFullYear()).sscc ?? unit;
  const answer = (await client.post(`/v1/units/${encodeURIComponent(sscc)}/logger-files`, {
    name: file === '-' ? 'standard input' : basename(file),
    content,
    ...(zone === undefined ? {} : { zone }),
    ...(logger === undefined ? {} : { logger }),
  })) as Attached;
  if (json) terminal.out(JSON.stringify(answer));
  else {
    const { inFile, stored, duplicates, differing, outside } = answer.readings;
    terminal.out(
      `${answer.repeated ? 'attached before' : 'attached'}  ${answer.device} ${answer.serial ?? ''}`.trimEnd(),
    );
    terminal.out(
      `${inFile} readings: ${stored} new, ${duplicates} known, ${differing} of another value, ${outside} of another time`,
    );
    terminal.out(answer.sha256);
  }
  if (answer.zone.assumed) terminal.note('zone assumed: UTC, the file names none; --zone says another');
  for (const { code, line, message } of answer.problems) terminal.note(`line ${line}: ${code}: ${message}`);
  for (const { code, message } of answer.contradictions) terminal.note(`${code}: ${message}`);
  return answer.evidence === 'readings' ? 0 : 2;
}
