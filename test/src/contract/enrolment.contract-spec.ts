import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Platform } from './platform.js';

const POLAR = 'polar-logistics';
const ROWS = 300;

describe('coldchain gateway enroll', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await Platform.start(300_000);
  }, 60_000);
  afterAll(() => platform.stop());

  const enroll = async (name: string, rows: readonly string[]): Promise<string> => {
    const file = await platform.file(name, ['kind,name,interval_ms,kid,algorithm,public_key', ...rows].join('\n'));
    return platform.coldchain(['gateway', 'enroll', file, '--as', `${POLAR}/device-manager`], {
      CCT_DATA_DIR: platform.folder,
    });
  };
  const registered = async (): Promise<unknown> => {
    const [row] = await platform.owner.query(
      `SELECT (SELECT count(*)::int FROM logger WHERE serial LIKE 'BULK-%') AS loggers,
              (SELECT count(*)::int FROM gateway WHERE name LIKE 'bulk-%') AS gateways`,
    );
    return row;
  };
  const loggers = Array.from({ length: ROWS }, (_, index) => `logger,BULK-${index},60000,,,`);
  const gateways = Array.from({ length: 12 }, (_, index) => `gateway,bulk-${index},,,,`);

  it('registers nothing of a file with a wrong row, all of one without, and nothing twice', async () => {
    await expect(enroll('wrong.csv', [...loggers, ...gateways, 'logger,BULK-X,5,,,'])).rejects.toMatchObject({
      code: 1,
    });
    expect(await registered()).toEqual({ loggers: 0, gateways: 0 });

    const [header, ...made] = (await enroll('right.csv', [...loggers, ...gateways])).trim().split('\n');
    expect(header).toBe('gateway,user,password');
    expect(made.map((line) => line.split(',').slice(0, 2).join())).toEqual(
      expect.arrayContaining(gateways.map((_, index) => `bulk-${index},${POLAR}/bulk-${index}`)),
    );
    expect(new Set(made.map((line) => line.split(',')[2])).size).toBe(gateways.length);
    expect(await registered()).toEqual({ loggers: ROWS, gateways: gateways.length });

    // Again, longer: no password is made anew, and what the API refuses stops no other row.
    const refused = ['logger,BULK-0,90000,,,', 'gateway,bulk-bad,,k1,ES256,AAAA'];
    const more = [...loggers.slice(1), ...refused, ...gateways, 'gateway,bulk-new,,,,', 'logger,BULK-NEW,60000,,,'];
    await expect(enroll('more.csv', more)).rejects.toMatchObject({ code: 1 });
    expect(await registered()).toEqual({ loggers: ROWS + 1, gateways: gateways.length + 1 });
  }, 120_000);
});
