import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './index.js';

describe('createLogger', () => {
  it('writes one JSON line with level, time and name, errors under err, secrets replaced', () => {
    const lines: string[] = [];
    const sink = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const logger = createLogger('spec', 'info', sink);
    logger.debug('not written');
    logger.error(
      { err: new Error('broken'), account: { name: 'a', apiKey: 'topsecret' }, password: 'hunter2' },
      'it broke',
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/topsecret|hunter2/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      name: 'spec',
      msg: 'it broke',
      err: { type: 'Error', message: 'broken' },
      account: { name: 'a', apiKey: '(redacted)' },
      password: '(redacted)',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });
});
