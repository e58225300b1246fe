import { resolve } from 'node:path';
import { z } from 'zod';

/** The programs that read configuration; each gets its own slice. */
export const PROCESS_NAMES = ['api', 'iot-ingest', 'ledger-worker', 'cli', 'local'] as const;
export type ProcessName = (typeof PROCESS_NAMES)[number];

export const SERVERS = ['api', 'iot-ingest', 'ledger-worker'] as const;

/** One name of the registry. */
export interface Setting {
  /** Property of the configuration object. */
  readonly key: string;
  /** Text in, typed value out. */
  readonly schema: z.ZodType<unknown, string>;
  /** One sentence for people. */
  readonly doc: string;
  /** Text that stands in for a missing variable; null: none. */
  readonly default: string | null;
  readonly processes: readonly ProcessName[];
  /** Of these processes it is demanded; for the others a missing value without default is null. */
  readonly requiredBy: readonly ProcessName[];
  /** Redacted wherever it is printed, and readable from the file named by `<NAME>_FILE`. */
  readonly secret: boolean;
}

/** Keeps the literal types of an entry. */
export const setting = <const Definition extends Setting>(definition: Definition): Definition => definition;

export const text = z.string().min(1);
export const integer = (smallest: number, largest: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'a whole number without sign, unit or separator')
    .transform(Number)
    .pipe(z.number().min(smallest).max(largest));
export const port = integer(1, 65_535);
export const portOrNone = integer(0, 65_535);
export const folder = text.transform((path) => resolve(path));
export const url = (...schemes: readonly string[]) =>
  text.refine(
    (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)),
    `an address that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  );
