import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { buildDigest } from './build-digest';
import { commandTable } from './command-table';
import { type CallResponse, type CallStub, loadChaincode } from './in-process';
import { COMMANDS, QUERIES } from './protocol';

const chaincode = loadChaincode();

/** Self-signed, of a key that was thrown away: Fabric's dispatcher reads the caller's certificate before the contract does. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIUF3GQarvS0bW4EQdKc+/QtP7Q5JkwCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIcGhhcm1hY3kwIBcNMjYxMTIxMDM0NzMwWhgPMjEyNjEwMjgw
MzQ3MzBaMBMxETAPBgNVBAMMCHBoYXJtYWN5MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAErBOa1xHVgWvRx4HlB57sMNhNbhnpGFjShdsaCctNtFUMyYBm67l4U7Kv
HQoo5Kcc40RHOPBroTyrLpZ8SYSLn6NTMFEwHQYDVR0OBBYEFCVvsr85SRtDDhWx
9YSwiW0zCyVaMB8GA1UdIwQYMBaAFCVvsr85SRtDDhWx9YSwiW0zCyVaMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAOJav9hl6Y79JbP7bLtls3IX
E0ZvVfqBdgu08k8X2xJHAiAYuvyohhMcX10himE0qWBTOxytkQmVPmBjc1yqaiAf
Sw==
-----END CERTIFICATE-----
`;

/** A call on an empty ledger. */
function call(name: string, argument: string): Promise<CallResponse> {
  const stub: CallStub = {
    getBufferArgs: () => [Buffer.from(name), Buffer.from(argument)],
    getTxID: () => 'transaction',
    getChannelID: () => 'coldchain',
    getCreator: () => ({ mspid: 'PharmacyMSP', idBytes: Buffer.from(CERTIFICATE) }),
    getDateTimestamp: () => new Date(0),
    getStates: async (keys) => keys.map(() => new Uint8Array()),
    putStates: async () => undefined,
    setEvent: () => undefined,
  };
  return chaincode.invoke(stub);
}

const textOf = (response: CallResponse): string => Buffer.from(response.payload).toString('utf8');

describe('contract', () => {
  it.each(COMMANDS)('knows the command %s', async (command) => {
    const { status, message } = await call(command, 'no JSON');
    expect(status).toBe(500);
    expect(JSON.parse(message)).toMatchObject({ code: 'payload-invalid', details: { expected: 'JSON' } });
  });

  it.each(QUERIES.filter((query) => query !== 'getBuildDigest'))('answers %s with nothing', async (query) => {
    const response = await call(query, 'key');
    expect({ status: response.status, text: textOf(response) }).toEqual({ status: 200, text: '' });
  });

  it('tells the digest of the code that runs, whoever asks', async () => {
    const response = await call('getBuildDigest', '');
    expect(textOf(response)).toBe(buildDigest(__dirname));
    expect(textOf(response)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('README', () => {
  it('has the table of commands that the protocol gives', () => {
    const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8').split('\n');
    const rows = readme
      .filter((line) => COMMANDS.some((command) => line.startsWith(`| \`${command}\``)))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(commandTable());
  });
});
