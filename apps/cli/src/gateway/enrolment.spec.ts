import { describe, expect, it } from '@jest/globals';
import { readEnrolment } from './enrolment.js';

describe('an enrolment file', () => {
  it('names gateways with keys and loggers with calibrations, columns in any order', () => {
    const text = [
      'name,kind,interval_ms,model,calibration_due,certificate,kid,algorithm,public_key',
      'dock-1,gateway,,,,,k1,Ed25519,MCow',
      'lora,gateway,,chirpstack-v4,,,,,',
      '',
      'LOG-1,logger,60000,TAG-2,2027-03-01,C-77,,,',
      'LOG-2,logger,,,,,,,',
    ].join('\r\n');
    expect(readEnrolment(text).map(({ kind, line, body }) => ({ kind, line, body }))).toEqual([
      {
        kind: 'gateway',
        line: 2,
        body: { name: 'dock-1', keys: [{ kid: 'k1', algorithm: 'Ed25519', publicKey: 'MCow' }] },
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
  ])('is refused with %s: %j', (line, text) => {
    expect(() => readEnrolment(text)).toThrow(line);
  });
});
