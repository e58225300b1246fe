import { Gs1Error, parseCode } from '@coldchain/gs1';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

/** The code's form, elements and links as JSON, or the problem with its position. */
export async function runGs1Parse({ positionals, terminal }: Invocation): Promise<ExitCode> {
  const text = positionals[0] ?? '';
  try {
    const { form, elements, digitalLink, epcUrn } = parseCode(text, new Date().getUTCFullYear());
    terminal.out(
      JSON.stringify({
        form,
        elements,
        ...(digitalLink === undefined ? {} : { digitalLink }),
        ...(epcUrn === undefined ? {} : { epcUrn }),
      }),
    );
    return 0;
  } catch (error) {
    if (!(error instanceof Gs1Error)) throw error;
    const { position } = error.details;
    const place = position === undefined ? '' : ` at position ${position}`;
    throw new CliError(error.code, `${error.message}${place}`, 'compare the code with its carrier', 1, {
      cause: error,
    });
  }
}
