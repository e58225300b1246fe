import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readJson } from '../input.js';

interface WhatIfAnswer {
  readonly units: readonly {
    readonly sscc: string;
    readonly profile: string;
    readonly before: string;
    readonly after: string;
    readonly evidence: { readonly before: string; readonly after: string };
    readonly changes: boolean;
    readonly legsMissing: number;
  }[];
}

/** Which units a profile would judge differently. 0: none, 1: some, 2: none for sure, but some cannot be told. */
export async function runProfileWhatIf(invocation: Invocation): Promise<ExitCode> {
  const { positionals, options, json, terminal } = invocation;
  const gtin = options.text('gtin');
  if (gtin === undefined) throw usageError('--gtin names the product', 'profile what-if');
  const file = (await readJson(positionals[0] ?? '-', terminal)) as Readonly<Record<string, unknown>>;
  // A published profile names its product and version; what is asked about is what it says.
  const { gtin: _gtin, version: _version, name: _name, ...profile } = file;
  const client = new ApiClient(apiAccess(invocation, ['quality']));
  const answer = (await client.post(`/v1/products/${encodeURIComponent(gtin)}/what-if`, { profile })) as WhatIfAnswer;
  const changed = answer.units.filter((unit) => unit.changes);
  if (json) terminal.out(JSON.stringify(answer));
  else {
    for (const { sscc, profile: present, before, after, evidence, legsMissing } of changed) {
      const missing = legsMissing === 0 ? '' : ` (${legsMissing} legs are not seen here)`;
      const shown = evidence.before === evidence.after ? '' : `, evidence ${evidence.before} -> ${evidence.after}`;
      terminal.out(`${sscc}  ${present}  ${before} -> ${after}${shown}${missing}`);
    }
    terminal.note(`${changed.length} of ${answer.units.length} units would change`);
  }
  const isTold = (one: string, other: string): boolean => one !== other && other !== 'undetermined';
  if (changed.some(({ before, after, evidence }) => isTold(before, after) || isTold(evidence.before, evidence.after))) {
    return 1;
  }
  return changed.length > 0 ? 2 : 0;
}
