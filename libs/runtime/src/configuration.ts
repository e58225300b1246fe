import { readFileSync } from 'node:fs';
import { DomainError } from '@coldchain/kernel';
import { closestName } from './closest-name.js';
import { productionProblems } from './production-rules.js';
import { settingConflicts } from './setting-conflicts.js';
import { type Configuration, type ProcessName, type Setting, SETTINGS } from './settings.js';

/** Variables as the operating system hands them over. */
export type Environment = Readonly<Record<string, string | undefined>>;

export type ConfigurationProblemCode =
  'name-unknown' | 'value-missing' | 'value-invalid' | 'value-and-file' | 'file-unreadable' | 'refused-in-production';

/** One thing that is wrong with one variable; the text says what to do and never repeats a secret. */
export interface ConfigurationProblem {
  readonly name: string;
  readonly code: ConfigurationProblemCode;
  readonly text: string;
}

/** The configuration cannot be used; all problems at once. */
export class ConfigurationInvalid extends DomainError<'configuration-invalid'> {
  readonly code = 'configuration-invalid';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(problems.map((problem) => `${problem.name}: ${problem.text}`).join('; '), { problems });
  }
}

const PREFIX = 'CCT_';
const FILE_SUFFIX = '_FILE';
const entries: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS);
const settingOf: ReadonlyMap<string, Setting> = new Map(entries);

/**
 * Reads the slice of one process out of the environment and freezes it. Empty text counts as not set. The file named by
 * `<NAME>_FILE` gives the value of a secret, without its final line break.
 * @throws ConfigurationInvalid with every problem found
 */
export function loadConfiguration<Process extends ProcessName>(
  process_: Process,
  environment: Environment = process.env,
): Configuration<Process> {
  const { values, problems } = read(process_, environment);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  // The registry's types say which keys belong to which process; `read` walks the same registry.
  return Object.freeze(values) as unknown as Configuration<Process>;
}

/**
 * The slice of one process as `NAME=value` lines, secrets replaced by `(set)`: what `--check-config` prints.
 * @throws ConfigurationInvalid as {@link loadConfiguration} does
 */
export function printConfiguration(process_: ProcessName, environment: Environment = process.env): string {
  const { values, problems } = read(process_, environment);
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
  return entries
    .filter(([, setting]) => setting.processes.includes(process_))
    .map(([name, setting]) => `${name}=${shown(setting, values[setting.key])}`)
    .join('\n');
}

function shown(setting: Setting, value: unknown): string {
  if (value === null) return '(not set)';
  return setting.secret ? '(set)' : `${value as string | number}`;
}

interface Slice {
  readonly values: Record<string, unknown>;
  readonly problems: ConfigurationProblem[];
}

function read(process_: ProcessName, environment: Environment): Slice {
  const problems = unknownNames(environment);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of entries) {
    if (!setting.processes.includes(process_)) continue;
    const raw = rawValue(name, setting, environment, problems) ?? setting.default;
    if (raw === null) {
      if (setting.requiredBy.includes(process_) && !problems.some((problem) => problem.name.startsWith(name)))
        problems.push({ name, code: 'value-missing', text: `is required; ${setting.doc}` });
      values[setting.key] = null;
      continue;
    }
    const parsed = setting.schema.safeParse(raw);
    if (parsed.success) values[setting.key] = parsed.data;
    else {
      const got = setting.secret ? '' : `, got '${raw}'`;
      const wanted = parsed.error.issues.map((issue) => issue.message).join(', ');
      problems.push({ name, code: 'value-invalid', text: `${wanted}${got}` });
    }
  }
  if (problems.length === 0) problems.push(...settingConflicts(values));
  if (problems.length === 0) problems.push(...productionProblems(values));
  return { values, problems };
}

function unknownNames(environment: Environment): ConfigurationProblem[] {
  const known = entries.flatMap(([name, setting]) => (setting.secret ? [name, name + FILE_SUFFIX] : [name]));
  return Object.keys(environment)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .map((name) => ({ name, code: 'name-unknown', text: `is not known, did you mean ${closestName(name, known)}?` }));
}

function rawValue(
  name: string,
  setting: Setting,
  environment: Environment,
  problems: ConfigurationProblem[],
): string | null {
  const direct = environment[name] ?? '';
  const file = setting.secret ? (environment[name + FILE_SUFFIX] ?? '') : '';
  if (file === '') return direct === '' ? null : direct;
  if (direct !== '') {
    problems.push({ name, code: 'value-and-file', text: `set either it or ${name}${FILE_SUFFIX}, not both` });
    return null;
  }
  try {
    const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if (content !== '') return content;
    problems.push({ name: name + FILE_SUFFIX, code: 'file-unreadable', text: `'${file}' is empty` });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown';
    problems.push({ name: name + FILE_SUFFIX, code: 'file-unreadable', text: `cannot read '${file}' (${reason})` });
  }
  return null;
}

/** The registry as a Markdown table, for the README; a test keeps the two equal. */
export function configurationTable(): string {
  const rows = [...settingOf].map(([name, setting]) => {
    const suffix = setting.secret ? ` (secret; or \`${name}${FILE_SUFFIX}\`)` : '';
    const fallback =
      setting.default === null ? (setting.requiredBy.length > 0 ? 'required¹' : '–') : `\`${setting.default}\``;
    return `| \`${name}\` | ${fallback} | ${setting.processes.join(', ')} | ${setting.doc}${suffix} |`;
  });
  return ['| name | default | read by | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
