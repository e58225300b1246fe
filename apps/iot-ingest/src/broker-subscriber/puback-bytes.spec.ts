import { describe, expect, it } from '@jest/globals';
import { generate } from 'mqtt-packet';
import { pubackBytes } from './puback-bytes.js';

describe('pubackBytes', () => {
  for (const protocolVersion of [4, 5]) {
    it(`writes what mqtt-packet writes for each id, one behind the other (protocol ${protocolVersion})`, () => {
      const ids = [1, 255, 256, 258, 65_535];
      const each = ids.map((messageId) => generate({ cmd: 'puback', messageId, reasonCode: 0 }, { protocolVersion }));
      expect(pubackBytes(ids)).toEqual(Buffer.concat(each));
    });
  }

  it('writes nothing for no id', () => {
    expect(pubackBytes([]).length).toBe(0);
  });
});
