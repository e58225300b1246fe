import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isSignedBy, readResendRequest } from './platform-message.js';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signed = (body: string): Buffer =>
  Buffer.from(`${body},"sig":"${sign(null, Buffer.from(body), privateKey).toString('base64url')}"}`);

describe('messages of the platform', () => {
  it('are believed with a signature over all bytes before it, and not otherwise', () => {
    const message = signed('{"boots":[],"kid":"k"');
    expect(isSignedBy(message, publicKey)).toBe(true);
    expect(isSignedBy(message, generateKeyPairSync('ed25519').publicKey)).toBe(false);
    expect(isSignedBy(Buffer.from('{"boots":[]}'), publicKey)).toBe(false);
    expect(isSignedBy(Buffer.concat([message, Buffer.from(' ')]), publicKey)).toBe(false);
    expect(isSignedBy(Buffer.from(message.toString().replace('[]', '[1]')), publicKey)).toBe(false);
  });

  it('ask for numbers', () => {
    expect(readResendRequest(signed('{"command":"resend","boot":"b","ranges":[[3,4],["x",1],7]'))).toEqual({
      boot: 'b',
      ranges: [[3, 4]],
    });
    expect(readResendRequest(Buffer.from('{"command":"reboot","boot":"b","ranges":[]}'))).toBeNull();
    expect(readResendRequest(Buffer.from('null'))).toBeNull();
    expect(readResendRequest(Buffer.from('{'))).toBeNull();
  });
});
