import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';

interface Verdict {
  readonly answer: 'ok' | 'do-not-use' | 'unknown';
  readonly kind: string | null;
  readonly reason: string;
  readonly sentence: string;
  readonly nextStep: string;
  readonly warning?: string | null;
  readonly asOf: string | null;
  readonly subject: { readonly productName: string | null; readonly lot: string | null };
  readonly claims: readonly {
    readonly name: string;
    readonly state: string;
    readonly sentence: string;
    readonly asOf: string | null;
  }[];
}

const EXIT_CODES = { ok: 0, 'do-not-use': 1, unknown: 2 } as const satisfies Record<Verdict['answer'], ExitCode>;

/** The verdict about a code; the exit status is the answer. */
export async function runVerify(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['dispenser', 'quality', 'shipper']));
  const verdict = (await client.get('/v1/verdict', { code: positionals[0] ?? '' })) as Verdict;
  const exitCode: ExitCode | undefined = EXIT_CODES[verdict.answer];
  if (exitCode === undefined) {
    throw new CliError(
      'answer-not-understood',
      'the API gave another answer than ok, do-not-use or unknown',
      'update this command',
      2,
    );
  }
  if (json) terminal.out(JSON.stringify(verdict));
  else terminal.out(asText(verdict));
  return exitCode;
}

function asText({ answer, reason, sentence, nextStep, warning, asOf, subject, claims }: Verdict): string {
  const product = [subject.productName, subject.lot === null ? null : `lot ${subject.lot}`].filter(
    (part) => part !== null,
  );
  return [
    `${answer.toUpperCase()} (${reason})${asOf === null ? '' : ` as of ${asOf}`}`,
    ...(product.length === 0 ? [] : [product.join(', ')]),
    sentence,
    ...(warning === undefined || warning === null ? [] : [`Warning: ${warning}`]),
    ...(nextStep === '' ? [] : [`Next step: ${nextStep}`]),
    ...claims.map(
      (claim) => `  ${claim.state.padEnd(9)}  ${claim.sentence}${claim.asOf === null ? '' : ` (${claim.asOf})`}`,
    ),
  ].join('\n');
}
