import type { SampleCode } from './demonstration/demonstration.js';
import type { DemoAccount } from './first-start/accounts.js';
import type { LedgerOfStart, StartedInstallation } from './installation.js';

const ON_ONE_MACHINE = [
  'The ledger is a Hyperledger Fabric network of four organisations: three of four sign every transaction and every block.',
  'All four run on this machine with keys that were made here, so it shows how they agree, not that they are independent.',
];

/** What the ledger is and is not; nobody may miss it. */
const LEDGER_LINES: Readonly<Record<LedgerOfStart, readonly string[]>> = {
  embedded: ['The embedded ledger runs the same contracts but is not a Hyperledger Fabric network.'],
  'network-of-this-start': ON_ONE_MACHINE,
  'network-that-stays': [...ON_ONE_MACHINE, 'It ran before this start and goes on after it: `npm run fabric -- down`.'],
  'network-elsewhere': ['The ledger is a Hyperledger Fabric network that was not started here.'],
};

/** What a person needs after the start: addresses, accounts, and what this is not. */
export function announcement(
  started: StartedInstallation,
  accounts: readonly DemoAccount[],
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
  lines.push(...LEDGER_LINES[started.ledger], '');
  if (accounts.length > 0) lines.push(...accountLines(accounts, started.dataDir), '');
  const stays = started.ledger === 'network-that-stays' || started.ledger === 'network-elsewhere';
  lines.push(`Ctrl-C stops everything${stays ? ' but the network' : ''}; the data stay.`);
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
    `Accounts made at the first start (${dataDir}/demo-accounts.json); send one as "Authorization: Bearer <key>".`,
    'The file also has the passwords that Responsible Persons sign decisions with:',
    ...rows.map(
      ({ organisation, roles, apiKey }) =>
        `  ${organisation.padEnd(organisationWidth)}  ${roles.padEnd(rolesWidth)}  ${apiKey}`,
    ),
  ];
}

/** The codes to try on the page. */
export function sampleCodeLines(codes: readonly SampleCode[]): string {
  const width = (column: 'label' | 'organisation'): number => Math.max(...codes.map((code) => code[column].length));
  const [labelWidth, organisationWidth] = [width('label'), width('organisation')];
  return [
    // The same code has another answer for who does not have the goods.
    'Codes to try, and who has to ask:',
    ...codes.map(
      ({ label, organisation, code }) =>
        `  ${label.padEnd(labelWidth)}  ${organisation.padEnd(organisationWidth)}  ${code}`,
    ),
  ].join('\n');
}
