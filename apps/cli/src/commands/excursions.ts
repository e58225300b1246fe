import {
  deviceProfile,
  evaluateTrace,
  isPresetName,
  type LoggerFile,
  parseProfile,
  PRESET_NAMES,
  presetProfile,
  type TraceProfile,
} from '@coldchain/telemetry';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readJson } from '../input.js';
import { loggerFileOf } from './logger-file.js';

const DEFAULT_PROFILE = '2-8';
/** The rules that the device itself was configured with. */
const OWN_ALARMS = 'device';

/** The judgement of a logger export as JSON. 0: judged, whatever the verdict; 2: the evidence does not allow to. */
export async function runExcursions(invocation: Invocation): Promise<ExitCode> {
  const file = await loggerFileOf(invocation, 'excursions');
  const report = evaluateTrace(file, await profileOf(invocation, file));
  invocation.terminal.out(invocation.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
  return report.verdict === 'incomplete' ? 2 : 0;
}

async function profileOf({ options, terminal }: Invocation, file: LoggerFile): Promise<TraceProfile> {
  const name = options.text('profile') ?? DEFAULT_PROFILE;
  if (name === OWN_ALARMS) {
    const own = deviceProfile(file);
    if (own === null) throw usageError('the file names no alarms of its device, or not all can be read', 'excursions');
    return own;
  }
  if (isPresetName(name)) return presetProfile(name);
  if (!name.endsWith('.json')) {
    throw usageError(
      `there is no profile '${name}', only ${PRESET_NAMES.join(', ')}, ${OWN_ALARMS}, or a .json file`,
      'excursions',
    );
  }
  return parseProfile(await readJson(name, terminal), name);
}
