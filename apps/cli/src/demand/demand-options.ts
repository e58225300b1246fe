import { FREQUENCIES, type Frequency } from '@coldchain/forecast';
import { usageError } from '../cli-error.js';
import type { Invocation } from '../command.js';

/** @throws CliError `usage` */
export function frequencyOf({ options }: Invocation, command: string): Frequency {
  const name = options.text('frequency');
  const frequency = FREQUENCIES.find((known) => known === name);
  if (frequency === undefined) throw usageError(`--frequency must be one of ${FREQUENCIES.join(', ')}`, command);
  return frequency;
}

/** A whole number from `least` on. @throws CliError `usage` */
export function wholeNumber({ options }: Invocation, name: string, command: string, least = 1, most = 400): number {
  const value = numberOption(options.text(name), name, command);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usageError(`--${name} must be a whole number from ${least} to ${most}`, command);
}

/** A number from `least` to `most`. @throws CliError `usage` */
export function numberBetween(
  { options }: Invocation,
  name: string,
  command: string,
  [least, most]: readonly [least: number, most: number],
): number {
  const value = numberOption(options.text(name), name, command);
  if (value >= least && value <= most) return value;
  throw usageError(`--${name} must be a number from ${least} to ${most}`, command);
}

function numberOption(text: string | undefined, name: string, command: string): number {
  if (text === undefined || text.trim() === '') throw usageError(`--${name} is missing`, command);
  return Number(text);
}
