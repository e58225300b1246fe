import type { SampleCode } from './demonstration/demonstration.js';
import type { DemoAccount } from './first-start/accounts.js';
import type { StartedInstallation } from './installation.js';

/** The sentence that nobody may miss. */
export const NOT_FABRIC = 'The embedded ledger runs the same contracts but is not a Hyperledger Fabric network.';

/** What a person needs after the start: addresses, accounts, and what this is not. */
export function announcement(
  started: StartedInstallation,
  accounts: readonly DemoAccount[],
  ledger: 'embedded' | 'fabric',
  readyAfterMs: number,
): string {
  const lines = [
    `coldchain is ready after ${(readyAfterMs / 1000).toFixed(1)} s`,
    '',
    `  page and API   ${started.apiUrl}   (reference: ${started.apiUrl}/docs)`,
    `  MQTT           ${started.mqttUrl}`,
    `  data and logs  ${started.dataDir}`,
    '',
  ];
  if (ledger === 'embedded') lines.push(NOT_FABRIC, '');
  if (accounts.length > 0) lines.push(...accountLines(accounts, started.dataDir), '');
  lines.push('Ctrl-C stops everything; the data stay.');
  return lines.join('\n');
}

function accountLines(accounts: readonly DemoAccount[], dataDir: string): string[] {
  const rows = [...new Set(accounts.map((account) => account.apiKey))].map((apiKey) => {
    const entries = accounts.filter((account) => account.apiKey === apiKey);
    const roles = entries.map((entry) => entry.role).join(', ');
    return { organisation: entries[0]?.organisation ?? '', roles, apiKey };
  });
  const width = (column: 'organisation' | 'roles'): number => Math.max(...rows.map((row) => row[column].length));
  const [organisationWidth, rolesWidth] = [width('organisation'), width('roles')];
  return [
    `Accounts made at the first start (${dataDir}/demo-accounts.json); send one as "Authorization: Bearer <key>":`,
    ...rows.map(
      ({ organisation, roles, apiKey }) =>
        `  ${organisation.padEnd(organisationWidth)}  ${roles.padEnd(rolesWidth)}  ${apiKey}`,
    ),
  ];
}

/** The codes to try on the page. */
export function sampleCodeLines(codes: readonly SampleCode[]): string {
  const width = Math.max(...codes.map(({ label }) => label.length));
  return ['Codes to try:', ...codes.map(({ label, code }) => `  ${label.padEnd(width)}  ${code}`)].join('\n');
}
