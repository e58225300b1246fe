import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const COLDCHAIN = fileURLToPath(new URL('../bin/coldchain.js', import.meta.url));

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function coldchain(
  parameters: readonly string[],
  input = '',
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('CCT_'));
  const child = spawn(process.execPath, [COLDCHAIN, ...parameters], {
    env: { ...Object.fromEntries(inherited), ...environment },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, ...output })));
}

const EVENT = {
  type: 'ObjectEvent',
  eventTime: '2026-11-21T08:00:00Z',
  eventTimeZoneOffset: '+00:00',
  epcList: ['https://id.gs1.org/01/09506000134352/21/SN1'],
  action: 'OBSERVE',
};

describe('coldchain', () => {
  it('prints one event hash per event and line', async () => {
    const document = { type: 'EPCISDocument', epcisBody: { eventList: [EVENT, { ...EVENT, action: 'ADD' }] } };
    const { status, stdout, stderr } = await coldchain(['event', 'hash', '-'], JSON.stringify(document));
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^(ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0\n){2}$/);
    const text = await coldchain(['event', 'hash', '-', '--prehash', '--profile', 'cbv2.1'], JSON.stringify(EVENT));
    expect(text.stdout).toMatch(/^eventType=ObjectEventeventTime=2026-11-21T08:00:00/);
    expect((await coldchain(['event', 'hash', '-', '--profile', 'none'], '{}')).status).toBe(64);
    expect(await coldchain(['event', 'hash', '-'], '{')).toMatchObject({ status: 1, stdout: '' });
  });

  it('parses a code, or says where it is wrong', async () => {
    const { stdout } = await coldchain(['gs1', 'parse', '(01)09506000134352(21)SN1']);
    expect(JSON.parse(stdout)).toEqual({
      form: 'element-string-bracketed',
      elements: { '01': '09506000134352', '21': 'SN1' },
      digitalLink: 'https://id.gs1.org/01/09506000134352/21/SN1',
    });
    const wrong = await coldchain(['gs1', 'parse', '(01)09506000134353']);
    expect([wrong.status, wrong.stdout]).toEqual([1, '']);
    expect(wrong.stderr).toMatch(/^coldchain: check-digit-wrong: .* at position \d+ – /);
  });

  it('reads a logger file and judges it', async () => {
    const rows = Array.from(
      { length: 13 },
      (_, index) => `2026-11-20T08:${String((index * 5) % 60).padStart(2, '0')}:00Z,${index < 6 ? 5 : 9.5}`,
    );
    const csv = ['timestamp,celsius', ...rows.slice(0, 12)].join('\n');
    const read = await coldchain(['logger', 'read', '-'], csv);
    expect(read.stdout.split('\n').slice(0, 2)).toEqual(['timestamp,celsius,humidity', '2026-11-20T08:00:00.000Z,5,']);
    const judged = await coldchain(['excursions', '-', '--json'], csv);
    expect(judged.status).toBe(0);
    expect(JSON.parse(judged.stdout)).toMatchObject({ verdict: 'exceeded', hottest: 9.5, coldest: 5, readings: 12 });
    const profile = await coldchain(['excursions', '-', '--profile', 'nothing'], csv);
    expect(profile.status).toBe(64);
    expect((await coldchain(['logger', 'read', '/nowhere'])).stderr).toMatch(/^coldchain: file-unreadable: /);
  });

  it('asks for an account before it asks the API, and says when the API is away', async () => {
    expect(await coldchain(['verify', '123'])).toMatchObject({
      status: 64,
      stderr: expect.stringMatching(/credentials-missing/),
    });
    const away = await coldchain(['verify', '(01)09506000134352(21)SN1', '--api', 'http://127.0.0.1:9'], '', {
      CCT_API_KEY: 'k',
    });
    expect(away.status).toBe(2);
    expect(away.stderr).toMatch(/^coldchain: api-unreachable: /);
  });

  it('refuses a misspelt setting by its name', async () => {
    const { status, stderr } = await coldchain(['verify', '123'], '', { CCT_API_KEEY: 'k' });
    expect(status).toBe(64);
    expect(stderr).toMatch(/CCT_API_KEEY: is not known, did you mean CCT_API_KEY\?/);
  });
});
