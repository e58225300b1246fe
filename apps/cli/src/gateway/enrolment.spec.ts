import { describe, expect, it } from '@jest/globals';
import { readEnrolment } from './enrolment.js';

describe('an enrolment file', () => {
  it('names gateways with keys and loggers with calibrations, columns in any order', () => {
    const text = [
      'name,kind,interval_ms,model,calibration_due,certificate,kid,algorithm,public_key',
      'dock-1,gateway,,,,,k1,Ed25519,MCowBQ==',
      'lora,gateway,,chirpstack-v4,,,,,',
      '',
      'LOG-1,logger,60000,TAG-2,2027-03-01,C-77,,,',
      'LOG-2,logger,,,,,,,',
    ].join('\r\n');
    expect(readEnrolment(text).map(({ kind, line, body }) => ({ kind, line, body }))).toEqual([
      {
        kind: 'gateway',
        line: 2,
        body: { name: 'dock-1', keys: [{ kid: 'k1', algorithm: 'Ed25519', publicKey: 'MCowBQ==' }] },
      },
      { kind: 'gateway', line: 3, body: { name: 'lora', keys: [], model: 'chirpstack-v4' } },
      {
        kind: 'logger',
        line: 5,
        body: {
          serial: 'LOG-1',
          intervalMs: 60_000,
          model: 'TAG-2',
          calibrationDue: '2027-03-01',
          calibrationCertificate: 'C-77',
        },
      },
      { kind: 'logger', line: 6, body: { serial: 'LOG-2', intervalMs: 300_000 } },
    ]);
  });

  it.each([
    ['line 1', 'kind,name,colour'],
    ['line 1', 'name'],
    ['line 2', 'kind,name\nfridge,x'],
    ['line 2', 'kind,name\ngateway'],
    ['line 3', 'kind,name\ngateway,a\ngateway,'],
    ['line 2', 'kind,name,interval_ms\nlogger,x,soon'],
    ['line 2', 'kind,name,interval_ms\nlogger,x,999'],
    ['line 2', 'kind,name,calibration_due\nlogger,x,2027-02-30'],
    ['line 2', 'kind,name,model\ngateway,x,chirpstack-v3'],
    ['line 2', 'kind,name\ngateway,a b'],
    ['line 2', 'kind,name,kid,algorithm,public_key\ngateway,a,k1,RSA,MCowBQ=='],
    ['line 3: gateway a stands in line 2', 'kind,name\ngateway,a\ngateway,a'],
    ['line 1', 'kind,name,name\ngateway,a,b'],
  ])('is refused with %s: %j', (line, text) => {
    expect(() => readEnrolment(text)).toThrow(line);
  });

  it('of ten thousand rows tells every wrong one with its line, of many the first twenty, and is taken as a whole or not', () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => `logger,LOG-${index},60000`);
    const text = (wrong: readonly number[]): string =>
      ['kind,name,interval_ms', ...rows.map((row, index) => (wrong.includes(index) ? `${row},more` : row))].join('\n');
    expect(readEnrolment(text([]))).toHaveLength(10_000);
    expect(() => readEnrolment(text([0, 4_711, 9_999]))).toThrow(
      'line 2: 4 cells instead of 3; line 4713: 4 cells instead of 3; line 10001: 4 cells instead of 3',
    );
    const many = Array.from({ length: 50 }, (_, index) => index * 100);
    expect(() => readEnrolment(text(many))).toThrow(/line 1902: 4 cells instead of 3; and 30 more$/);
  });
});
