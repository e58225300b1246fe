import { describe, expect, it } from '@jest/globals';
import * as contract from '@coldchain/api-contract';
import * as telemetry from '@coldchain/telemetry';

describe('words of cases', () => {
  it('are the same in the contract and in the rules that judge them', () => {
    expect(contract.ROOT_CAUSES).toEqual(telemetry.ROOT_CAUSES);
    expect(contract.CASE_DECISIONS).toEqual(telemetry.CASE_DECISIONS);
  });
});
