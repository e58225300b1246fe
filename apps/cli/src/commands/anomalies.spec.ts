import { describe, expect, it } from '@jest/globals';
import { simulateColdStore } from '@coldchain/forecast';
import { Options } from '../command.js';
import { runAnomalies } from './anomalies.js';

const DAY = 86_400_000;

/** What the command prints for a file on standard input. */
async function output(lines: readonly string[], options: Record<string, string> = {}, json = false): Promise<string[]> {
  const printed: string[] = [];
  const status = await runAnomalies({
    positionals: ['-'],
    options: new Options(options),
    json,
    terminal: {
      out: (text) => printed.push(text),
      note: () => undefined,
      input: (async function* () {
        yield await Promise.resolve(Buffer.from(`${lines.join('\n')}\n`));
      })(),
      interactive: false,
      environment: {},
      stopped: new AbortController().signal,
    },
  });
  expect(status).toBe(0);
  return printed.join('\n').split('\n');
}

function stuckFridge(): string[] {
  const rows = simulateColdStore({
    seed: 'cli',
    days: 16,
    fault: { kind: 'sensor-stuck', atMs: 15 * DAY, magnitude: 1 },
  });
  const lines = [...rows].map(
    ({ at, value, humidityPercent }) =>
      `${new Date(Date.UTC(2026, 0, 1) + at).toISOString()},${value},${humidityPercent}`,
  );
  return ['timestamp,value,humidity', ...lines];
}

describe('coldchain anomalies', () => {
  it('prints timestamp, value, score, alert and cause of every row', async () => {
    const input = stuckFridge();
    const [header, ...rows] = await output(input);
    expect(header).toBe('timestamp,value,score,alert,cause');
    expect(rows).toHaveLength(input.length - 1);
    for (const [index, row] of rows.entries()) {
      expect(row).toMatch(/^[^,]+,-?[\d.]+,(?:0|1|0\.\d{1,4}),[01],[a-z]*$/);
      expect(row.split(',').slice(0, 2)).toEqual(input[index + 1]?.split(',').slice(0, 2));
    }
    const alerts = rows.map((row) => row.split(',')).filter(([, , , alert]) => alert === '1');
    expect(alerts.some(([at = '', , , , cause]) => at > '2026-01-16' && cause === 'flatline')).toBe(true);
  });

  it.each(['cold-chain', 'general'])('says the same of a row whatever follows it (%s)', async (setting) => {
    const input = stuckFridge();
    const whole = await output(input, { setting });
    const part = await output(input.slice(0, 2_000), { setting });
    expect(whole.slice(0, part.length)).toEqual(part);
  });

  it('keeps a row without a value, and prints JSON lines with --json', async () => {
    const rows = await output(['timestamp,value', '2026-01-01T00:00:00Z,5.1', '2026-01-01 00:05:00,'], {}, true);
    expect(rows.map((row) => JSON.parse(row) as unknown)).toEqual([
      { timestamp: '2026-01-01T00:00:00Z', value: 5.1, score: 0, alert: false, cause: null },
      { timestamp: '2026-01-01 00:05:00', value: null, score: 0, alert: false, cause: null },
    ]);
  });

  it.each([
    [['timestamp,value', '2026-01-01T00:00:00Z,warm'], {}, 'csv-invalid'],
    [['timestamp,value', 'yesterday,5'], {}, 'timestamp-invalid'],
    [['time,value'], {}, 'csv-columns'],
    [['timestamp,value'], { setting: 'hot' }, 'usage'],
    [['timestamp,value'], { zone: 'here' }, 'usage'],
  ])('refuses %j with its code', async (lines, options, code) => {
    await expect(output(lines, options)).rejects.toMatchObject({ code });
  });
});
