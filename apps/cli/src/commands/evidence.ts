import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import type { ExitCode, Invocation } from '../command.js';
import { ssccOf } from './acts.js';

interface Evidence {
  readonly legs: readonly {
    readonly custodian: string;
    readonly from: string;
    readonly to: string | null;
    readonly sources: readonly { readonly kind: 'bound' | 'place'; readonly logger: string | null }[];
    readonly vouched: readonly { readonly from: string; readonly to: string }[];
    readonly gapMs: number;
    readonly coldestMilliCelsius: number | null;
    readonly hottestMilliCelsius: number | null;
  }[];
  readonly budgets: readonly {
    readonly profile: string;
    readonly spentPercent: number;
    readonly exceeded: boolean;
    readonly frozen: boolean;
    readonly ranges: readonly { readonly name: string; readonly usedMs: number; readonly allowedMs: number }[];
    readonly attribution: {
      readonly inheritedMs: readonly number[];
      readonly undeterminedMs: readonly number[];
      readonly unattributedMs: readonly number[];
      readonly custodians: readonly { readonly custodian: string; readonly usedMs: readonly number[] }[];
    };
    readonly forecast: {
      readonly sentence: string;
      readonly median: { readonly brokenAt: string | null } | null;
      readonly late: { readonly brokenAt: string | null } | null;
    } | null;
  }[];
  readonly findings: readonly { readonly from: string; readonly sentence: string }[];
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`;
const celsius = (milli: number | null): string => (milli === null ? '-' : `${(milli / 1000).toFixed(1)} °C`);

/** Legs, budgets with who spent them, the forecast, and what is wrong. */
export async function runEvidence(invocation: Invocation): Promise<ExitCode> {
  const { positionals, json, terminal } = invocation;
  const client = new ApiClient(apiAccess(invocation, ['quality', 'shipper', 'dispenser', 'auditor']));
  const sscc = ssccOf(positionals[0] ?? '');
  const evidence = (await client.get(`/v1/units/${encodeURIComponent(sscc)}/evidence`)) as Evidence;
  if (json) terminal.out(JSON.stringify(evidence));
  else for (const line of linesOf(evidence)) terminal.out(line);
  const isBroken = evidence.budgets.some(
    ({ exceeded, frozen, forecast }) =>
      exceeded || frozen || (forecast?.median?.brokenAt ?? forecast?.late?.brokenAt ?? null) !== null,
  );
  if (isBroken) return 1;
  return evidence.findings.length > 0 ? 2 : 0;
}

function linesOf({ legs, budgets, findings }: Evidence): string[] {
  return [
    ...legs.map(({ from, to, custodian, sources, vouched, coldestMilliCelsius, hottestMilliCelsius, gapMs }) => {
      const loggers = sources.map(
        ({ kind, logger }) => `${logger ?? 'logger of another'}${kind === 'place' ? ' (place)' : ''}`,
      );
      const watched = [...loggers, ...(vouched.length > 0 ? ['packaging'] : [])].join(', ');
      const extremes = `${celsius(coldestMilliCelsius)} to ${celsius(hottestMilliCelsius)}, gap ${minutes(gapMs)}`;
      return `${from} – ${to ?? 'now'}  ${custodian}: ${watched === '' ? 'nothing' : watched}; ${extremes}`;
    }),
    ...budgets.flatMap(({ profile, spentPercent, ranges, attribution, forecast }) => [
      `${profile}: ${spentPercent} % of the allowed time is spent`,
      ...ranges.map(({ name, usedMs, allowedMs }, range) => {
        const parts = [
          ['inherited', attribution.inheritedMs[range] ?? 0] as const,
          ...attribution.custodians.map(({ custodian, usedMs: ms }) => [custodian, ms[range] ?? 0] as const),
          ['undetermined', attribution.undeterminedMs[range] ?? 0] as const,
          ['not attributed', attribution.unattributedMs[range] ?? 0] as const,
        ];
        const whose = parts.filter(([, ms]) => ms > 0).map(([who, ms]) => `${who} ${minutes(ms)}`);
        const spent = `${minutes(usedMs)} of ${minutes(allowedMs)}`;
        return `  ${name}: ${spent}${whose.length === 0 ? '' : ` (${whose.join(', ')})`}`;
      }),
      ...(forecast === null ? [] : [`  ${forecast.sentence}`]),
    ]),
    ...findings.map(({ from, sentence }) => `! ${from}  ${sentence}`),
  ];
}
