import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { GatewayError } from '@hyperledger/fabric-gateway';
import { describe, expect, it } from '@jest/globals';
import { gatewayFailure } from './gateway-failure.js';
import { lowSSignature } from './low-s-signer.js';
import { bytesOf, numberOf } from './wire.js';

function failure(code: number, message: string, ...details: readonly (readonly [string, string])[]): GatewayError {
  const cause = Object.assign(new Error(message), { code, details: message, metadata: Object.create(null) });
  return new GatewayError({
    code,
    message,
    cause,
    details: details.map(([mspId, text]) => ({ address: '', mspId, message: text })),
  });
}

describe('an error of the gateway', () => {
  it('is a refusal when a peer gives the words of the contract', () => {
    const words = 'chaincode response 500, {"code":"unit-held","details":{"unit":"u","nested":{}}}';
    expect(gatewayFailure(failure(status.ABORTED, 'failed to endorse', ['PharmacyMSP', words]))).toEqual({
      kind: 'refused',
      refusal: { code: 'unit-held', details: { unit: 'u' } },
      organisations: ['PharmacyMSP'],
    });
  });

  it('is a defect when the contract failed in any other way', () => {
    for (const words of ['no common name', '{"code":"made-up","details":{}}', '{"code":'])
      expect(gatewayFailure(failure(status.ABORTED, 'x', ['A', `chaincode response 500, ${words}`])).kind).toBe(
        'chaincode-failed',
      );
  });

  it('tells peers that differ, envelopes that were there before, and all else', () => {
    const kind = (...args: Parameters<typeof failure>): string => gatewayFailure(failure(...args)).kind;
    expect(kind(status.ABORTED, 'ProposalResponsePayloads do not match')).toBe('answers-differ');
    const processed = 'status=SERVICE_UNAVAILABLE, info=failed to submit request: request already processed';
    expect(kind(status.UNAVAILABLE, 'insufficient number of orderers', ['A', processed])).toBe('already-submitted');
    expect(kind(status.UNAVAILABLE, 'No connection established')).toBe('failed');
    expect(gatewayFailure(new Error('other'))).toEqual({ kind: 'failed', reason: 'other' });
  });
});

describe('a signature for Fabric', () => {
  it('holds and has the smaller s, always', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const half = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
    for (let round = 0; round < 200; round++) {
      const message = Buffer.from(`message ${round}`);
      const signature = lowSSignature(message, privateKey);
      expect(verify('sha256', message, createPublicKey(privateKey), signature)).toBe(true);
      const s = signature.subarray(4 + (signature[3] ?? 0) + 2);
      expect(BigInt(`0x${s.toString('hex')}`) <= half).toBe(true);
    }
  });
});

describe('a message read by its wire form', () => {
  it('gives numbers and byte strings, and refuses what is cut off', () => {
    const message = Buffer.from('08ac0212036162631a00', 'hex');
    expect(numberOf(message, 1)).toBe(300);
    expect(bytesOf(message, 2).map(String)).toEqual(['abc']);
    expect(bytesOf(message, 3)).toEqual([Buffer.alloc(0)]);
    expect(numberOf(message, 9)).toBe(0);
    for (const cut of [1, 2, 4, 7]) expect(() => bytesOf(message.subarray(0, cut), 2)).toThrow(RangeError);
    expect(() => bytesOf(Buffer.from('0d00000000', 'hex'), 1)).toThrow(/wire type/);
  });
});
