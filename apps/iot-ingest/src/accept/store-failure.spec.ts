import { describe, expect, it } from '@jest/globals';
import { judgeStoreFailure, WatermarkRaced } from './store-failure.js';

const serverError = (code: string): Error => Object.assign(new Error('server'), { code, severity: 'ERROR' });

describe('judgeStoreFailure', () => {
  it.each([
    ['40P01', 'repeat'],
    ['40001', 'repeat'],
    ['42P07', 'repeat'],
    ['22021', 'data'],
    ['23505', 'data'],
    ['54000', 'data'],
    ['42501', 'outage'],
    ['57P01', 'outage'],
    ['53300', 'outage'],
  ])('takes SQLSTATE %s for %s', (code, expected) => {
    expect(judgeStoreFailure(serverError(code))).toBe(expected);
  });

  it('tells a missing partition from a broken rule', () => {
    expect(judgeStoreFailure(serverError('23514'))).toBe('repeat');
    expect(judgeStoreFailure(Object.assign(serverError('23514'), { constraint: 'seq_check' }))).toBe('data');
  });

  it('holds messages for anything that is not an objection to them', () => {
    expect(judgeStoreFailure(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe('outage');
    expect(judgeStoreFailure(new TypeError('defect'))).toBe('outage');
    expect(judgeStoreFailure(new WatermarkRaced())).toBe('repeat');
  });
});
