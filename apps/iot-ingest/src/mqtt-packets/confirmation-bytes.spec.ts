import { describe, expect, it } from '@jest/globals';
import { generate } from 'mqtt-packet';
import { confirmationBytes, PINGRESP, PUBACK, PUBCOMP, PUBREC } from './confirmation-bytes.js';

const KINDS = [
  [PUBACK, 'puback'],
  [PUBREC, 'pubrec'],
  [PUBCOMP, 'pubcomp'],
  [PINGRESP, 'pingresp'],
] as const;

describe('confirmationBytes', () => {
  it.each([4, 5])('writes what mqtt-packet writes for each, one behind the other (protocol %s)', (protocolVersion) => {
    const each = [1, 255, 256, 258, 65_535].flatMap((messageId) =>
      KINDS.map(([header, cmd]) => ({ header, cmd, messageId })),
    );
    const wanted = each.map(({ cmd, messageId }) => generate({ cmd, messageId, reasonCode: 0 }, { protocolVersion }));
    expect(confirmationBytes(each.flatMap(({ header, messageId }) => [header, messageId]))).toEqual(
      Buffer.concat(wanted),
    );
  });

  it('writes nothing for none', () => {
    expect(confirmationBytes([]).length).toBe(0);
  });
});
