import { describe, expect, it } from '@jest/globals';
import { problemNextStep } from '@coldchain/api-contract';
import { REFUSALS } from '@coldchain/chaincode/protocol';
import { ActRefused, CUSTODY_REFUSALS } from '@coldchain/custody';
import { Gs1Error, GS1_ERROR_CODES } from '@coldchain/gs1';
import { NotFoundException } from '@nestjs/common';
import { explain } from './problem.filter.js';
import { PROBLEM_CATALOG } from './problem-catalog.js';
import { RequestProblem } from './request-problem.js';

describe('problem catalogue', () => {
  it('gives every refusal and every GS1 code a status of the client', () => {
    for (const code of [...REFUSALS, ...CUSTODY_REFUSALS, ...GS1_ERROR_CODES]) {
      expect([code, PROBLEM_CATALOG[code].status >= 400 && PROBLEM_CATALOG[code].status < 500]).toEqual([code, true]);
    }
  });

  it('tells what helps when goods are in a hold, recalled or expired, because no other request does', () => {
    for (const code of ['unit-held', 'batch-recalled', 'batch-expired', 'pack-already-decommissioned'] as const) {
      expect(problemNextStep(code).nextStep).toMatch(/^(?:keep|do not) /);
    }
    expect(problemNextStep('body-invalid')).toEqual({});
  });

  it('has codes in kebab-case and titles that end without a full stop', () => {
    for (const [code, { title }] of Object.entries(PROBLEM_CATALOG)) {
      expect(code).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(title).not.toMatch(/\.$/);
    }
  });
});

describe('explain', () => {
  it('keeps the code of what libraries throw', () => {
    expect(explain(new ActRefused('not-custodian', { unit: 'u' }))).toEqual({
      code: 'not-custodian',
      details: { unit: 'u' },
    });
    expect(explain(new Gs1Error('check-digit-wrong', 'it does not fit'))).toMatchObject({
      code: 'check-digit-wrong',
      detail: 'it does not fit',
    });
    expect(explain(new RequestProblem('forbidden', 'no'))).toMatchObject({ code: 'forbidden', detail: 'no' });
    expect(explain(new NotFoundException())).toEqual({ code: 'not-found' });
  });

  it('tells a lost database apart from a defect, and neither in detail', () => {
    expect(explain(Object.assign(new Error('secret host'), { code: 'ECONNREFUSED' }))).toEqual({ code: 'unavailable' });
    expect(explain(Object.assign(new Error('secret'), { code: '57P01' }))).toEqual({ code: 'unavailable' });
    expect(explain(new Error('Connection terminated unexpectedly'))).toEqual({ code: 'unavailable' });
    expect(explain(new TypeError('secret'))).toEqual({ code: 'internal-error' });
    expect(explain('thrown text')).toEqual({ code: 'internal-error' });
  });
});
