import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gtinOf, ssccOf } from '@coldchain/gs1';
import { Platform } from './platform.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GTIN = gtinOf('9520001', 10004);
const AURORA = 'aurora-pharma';
const NORTH = 'pharmacy-north';
const CARTON = ssccOf('9520001', 400);
const PROFILE = {
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 2 * HOUR_MS }],
  combine: 'independent',
  freeze: null,
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: HOUR_MS, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

let platform: Platform;
const start = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 600 * MINUTE_MS;
const at = (minutes: number): string => new Date(start + minutes * MINUTE_MS).toISOString();
const readings = (from: number, to: number, celsius: (minutes: number) => number): string => {
  const lines = ['timestamp,celsius'];
  for (let minutes = from; minutes < to; minutes += 5) lines.push(`${at(minutes)},${celsius(minutes)}`);
  return `${lines.join('\n')}\n`;
};
const coldchain = (...parameters: string[]): Promise<string> => platform.coldchain(parameters, platform.environment);
/** Exit status and error output of a command that does not succeed. */
const refused = (...parameters: string[]): Promise<string> =>
  coldchain(...parameters).then(
    (out) => `0 ${out}`,
    (error: { code?: number; stderr?: string; stdout?: string }) => `${error.code} ${error.stderr}${error.stdout}`,
  );

beforeAll(async () => {
  platform = await Platform.start(60_000);
  await platform.post(AURORA, 'quality', '/v1/products', { gtin: GTIN, name: 'Vaccine', version: 1, profile: PROFILE });
  const registration = { gtin: GTIN, lot: 'C1', expiry: '2031-01-31', profileVersion: 1, serials: ['S1'] };
  await platform.post(AURORA, 'shipper', '/v1/batches', { ...registration, eventTime: at(0) });
  await platform.post(AURORA, 'quality', `/v1/batches/${GTIN}/C1/certification`, { eventTime: at(0) });
  await platform.post(AURORA, 'device-manager', '/v1/loggers', { serial: 'C-1', intervalMs: 5 * MINUTE_MS });
  const packs = [{ gtin: GTIN, lot: 'C1', serials: ['S1'] }];
  await platform.post(AURORA, 'shipper', '/v1/units', { sscc: CARTON, packs, logger: 'C-1', eventTime: at(0) });
  await platform.post(AURORA, 'shipper', '/v1/shipments', { ssccs: [CARTON], receiver: NORTH, eventTime: at(5) });
  await platform.post(NORTH, 'shipper', '/v1/receipts', { ssccs: [CARTON], eventTime: at(10) });
}, 120_000);
afterAll(() => platform.stop());

describe('a logger file from the command line', () => {
  it('is attached by who had the unit, once, and is evaluated', async () => {
    const warm = (minutes: number): number => (minutes >= 100 && minutes < 280 ? 12 : 5);
    const file = await platform.file('trip.csv', readings(10, 600, warm));
    const upload = ['logger', 'upload', file, '--unit', CARTON, '--as', NORTH];
    expect(await coldchain(...upload)).toMatch(/^attached {2}.*\n118 readings: 118 new, 0 known, 0 of another value/);
    expect(await coldchain(...upload)).toMatch(/^attached before/);
    // The one that gave it away has the five minutes before the receipt only.
    expect(await coldchain('logger', 'upload', file, '--unit', CARTON, '--as', AURORA)).toContain(
      '118 of another time',
    );
    await platform.until(async () => (await platform.unit(CARTON))?.holds.length === 1);
    await platform.settled();
  });
});

/** Each command is a process of its own. */
const MANY_COMMANDS_MS = 180_000;

describe('a case from the command line', () => {
  it(
    'goes from the alarm to the release',
    async () => {
      const [line = ''] = (await coldchain('case', 'list', '--as', NORTH)).split('\n');
      expect(line).toMatch(new RegExp(`^\\d+ {2}${CARTON} {2}${NORTH} .* not acknowledged {2}not decided {2}held$`));
      const [number = ''] = line.split(' ');
      const quality = ['--as', `${NORTH}/quality`];
      await coldchain('case', 'acknowledge', number, '--reason', 'Fridge off', ...quality);
      await coldchain('case', 'comment', number, 'Called the maker', ...quality);
      expect(await coldchain('user', 'list', '--as', NORTH)).toContain(
        'responsible-pharmacist  person  quality, responsible-person\n',
      );
      await coldchain('case', 'assign', number, 'responsible-pharmacist', ...quality);
      const photo = await platform.file('photo.txt', 'fridge');
      await coldchain('case', 'evidence', number, photo, ...quality);
      await coldchain('case', 'cause', number, 'equipment-failure', '--reason', 'Compressor', ...quality);
      const assess = ['case', 'assess', number, '--conclusion', 'usable', '--reason', 'Stability data'];
      expect(await coldchain(...assess, '--as', AURORA)).toMatch(
        /^recorded as entry \d+\ntold to the ledger: [0-9a-f]{64}\.budget-exceeded/,
      );
      const shown = (await coldchain('case', 'show', number, '--as', NORTH)).trimEnd().split('\n');
      expect(shown.join('\n')).toMatch(new RegExp(`readings up to 20[^\\n]*Z\\n[\\s\\S]*${AURORA}: usable`));
      expect(shown.join('\n')).toMatch(/assigned to responsible-pharmacist[\s\S]*evidence {2}photo\.txt/);
      const secret = await platform.file('password', `${platform.account(NORTH, 'responsible-person').password}\n`);
      const decide = ['case', 'decide', number, '--decision', 'release', '--reason', 'As assessed', '--as', NORTH];
      expect(await refused(...decide, '--shown', '0'.repeat(64), '--password-file', secret)).toMatch(
        /^1 [\s\S]*case-changed/,
      );
      const wrong = await platform.file('wrong', 'wrong\n');
      expect(await refused(...decide, '--shown', shown.at(-1) ?? '', '--password-file', wrong)).toMatch(
        /^1 [\s\S]*password-wrong/,
      );
      const released = await coldchain(...decide, '--shown', shown.at(-1) ?? '', '--password-file', secret);
      expect(released).toMatch(/told to the ledger: [0-9a-f]{64}\.budget-exceeded/);
      const signed = (await coldchain('audit', 'list', '--as', NORTH)).trimEnd().split('\n');
      expect(signed).toEqual([
        expect.stringContaining(`responsible-pharmacist  decision-signed  case ${number}  entry `),
        expect.stringMatching(/responsible-pharmacist {2}password-wrong {2}purpose decision$/),
      ]);
      await platform.until(async () => (await platform.unit(CARTON))?.holds.length === 0);
      expect(await coldchain('case', 'list', '--as', NORTH)).toBe('');
      expect((await platform.fsck()).findings).toEqual([]);
    },
    MANY_COMMANDS_MS,
  );
});

describe('questions from the command line', () => {
  it('triage says what is to be done and whom to call', async () => {
    // Three of two hours are spent: released or not, nothing is left.
    expect(await refused('triage', '--since', at(500), '--celsius', '22', '--as', NORTH)).toMatch(
      new RegExp(`^1 [\\s\\S]*${CARTON} {2}Vaccine {2}C1 {2}hold {2}.* {2}call Aurora Pharma \\(GLN 9520001000010\\)`),
    );
  });

  it('triage of a place that is not known is refused, and not empty', async () => {
    const unknown = await refused('triage', '--since', at(500), '--place', 'nowhere', '--as', NORTH);
    expect(unknown).toMatch(/^1 [\s\S]*place-unknown/);
  });

  it('a look back lists what rested on the logger', async () => {
    const out = await refused('logger', 'look-back', 'C-1', '--since', at(0), '--as', AURORA);
    expect(out).toMatch(new RegExp(`^1 [\\s\\S]*leg {2}${CARTON} {2}${AURORA}[\\s\\S]*batch {2}${GTIN} {2}C1`));
  });

  it('a return that never left is refused with what helps', async () => {
    expect(await refused('return', CARTON, '--as', AURORA)).toMatch(/^1 [\s\S]*unit-not-returned/);
  });
});
