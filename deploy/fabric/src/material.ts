import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { type ChannelSettings, PROFILE, renderChannelConfig } from './channel-config.js';
import { demandCommand } from './command.js';
import { renderCryptoConfig } from './crypto-config.js';
import { FabricError } from './fabric-error.js';
import type { Layout } from './layout.js';
import { writeWhole } from './network-file.js';
import { type Organisation, ORGANISATIONS } from './organisations.js';
import { HOST, portsOf } from './ports.js';
import type { Programs } from './programs.js';

/**
 * Makes what a network starts from: keys and certificates unless they are there already, then the channel's first block.
 * Each is made under another name first: what exists is whole.
 * @throws FabricError `command-failed`, `state-unusable`
 */
export async function makeMaterial(layout: Layout, programs: Programs, settings: ChannelSettings): Promise<void> {
  mkdirSync(layout.config, { recursive: true, mode: 0o700 });
  if (!existsSync(layout.crypto)) await makeKeys(layout, programs);
  demandKeys(layout);
  if (!existsSync(layout.genesisBlock)) await makeGenesis(layout, programs, settings);
  for (const organisation of ORGANISATIONS) {
    writeWhole(layout.connectionFile(organisation), renderConnection(organisation, layout, settings.basePort));
  }
}

async function makeKeys(layout: Layout, programs: Programs): Promise<void> {
  const config = join(layout.config, 'crypto-config.yaml');
  writeWhole(config, renderCryptoConfig(ORGANISATIONS));
  const draft = `${layout.crypto}.new`;
  rmSync(draft, { recursive: true, force: true });
  await demandCommand(
    'making keys',
    join(programs.bin, 'cryptogen'),
    ['generate', `--config=${config}`, `--output=${draft}`],
    {},
  );
  renameSync(draft, layout.crypto);
}

/** Keys that somebody put there must be complete before a chain is founded on them. */
function demandKeys(layout: Layout): void {
  const wanted = ORGANISATIONS.flatMap((organisation) => [
    layout.ordererEnrolment(organisation),
    layout.adminMsp(organisation),
    layout.peerMsp(organisation),
    ...[
      layout.peerTls(organisation),
      layout.ordererTls(organisation),
      layout.chaincodeTls(organisation),
      layout.peerAdminTls(organisation),
      layout.ordererAdminTls(organisation),
    ].flatMap(({ authority, certificate, key }) => [authority, certificate, key]),
  ]);
  const missing = wanted.filter((path) => !existsSync(path));
  if (missing.length === 0) return;
  throw new FabricError(
    'state-unusable',
    `key material is missing: ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`,
    `complete ${layout.crypto}, or remove it and let test keys be made`,
  );
}

async function makeGenesis(layout: Layout, programs: Programs, settings: ChannelSettings): Promise<void> {
  writeWhole(join(layout.config, 'configtx.yaml'), renderChannelConfig(ORGANISATIONS, layout, settings));
  const draft = `${layout.genesisBlock}.new`;
  await demandCommand(
    'making the first block',
    join(programs.bin, 'configtxgen'),
    ['-profile', PROFILE, '-channelID', CHANNEL_NAME, '-configPath', layout.config, '-outputBlock', draft],
    { FABRIC_CFG_PATH: layout.config, FABRIC_LOGGING_SPEC: 'error' },
  );
  renameSync(draft, layout.genesisBlock);
}

/** How a peer reaches its chaincode server: TLS on both sides, with the peer's own certificate. */
function renderConnection(organisation: Organisation, layout: Layout, basePort: number): string {
  const server = layout.chaincodeTls(organisation);
  const client = layout.peerTls(organisation);
  return JSON.stringify({
    address: `${HOST}:${portsOf(organisation, basePort).chaincode}`,
    dial_timeout: '3s',
    tls_required: true,
    client_auth_required: true,
    root_cert: readFileSync(server.authority, 'utf8'),
    client_cert: readFileSync(client.certificate, 'utf8'),
    client_key: readFileSync(client.key, 'utf8'),
  });
}
