import { evaluateTrace, isPresetName, PRESET_NAMES, presetProfile, type TraceProfile } from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import { unreachable } from '@coldchain/kernel';
import type { ExitCode, Invocation } from '../command.js';
import { readJson } from '../input.js';
import { loggerFileOf } from './logger-file.js';
import { parseTraceProfile } from './trace-profile-file.js';

const DEFAULT_PROFILE = '2-8';

/** The judgement of a logger export as JSON; the exit status is its verdict. */
export async function runExcursions(invocation: Invocation): Promise<ExitCode> {
  const profile = await profileOf(invocation);
  const report = evaluateTrace(await loggerFileOf(invocation, 'excursions'), profile);
  invocation.terminal.out(invocation.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
  switch (report.verdict) {
    case 'within':
      return 0;
    case 'exceeded':
      return 1;
    case 'incomplete':
      return 2;
    default:
      return unreachable(report.verdict);
  }
}

async function profileOf({ options, terminal }: Invocation): Promise<TraceProfile> {
  const name = options.text('profile') ?? DEFAULT_PROFILE;
  if (isPresetName(name)) return presetProfile(name);
  if (!name.endsWith('.json')) {
    throw usageError(`there is no profile '${name}', only ${PRESET_NAMES.join(', ')}, or a .json file`, 'excursions');
  }
  return parseTraceProfile(await readJson(name, terminal), name);
}
