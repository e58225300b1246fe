import { generateKeyPairSync, sign } from 'node:crypto';
import { coseSign1, encodeFrame, encodeSenmlCbor, encodeSenmlJson, type SetAsideCode } from '@coldchain/telemetry';
import { readings, START } from './ingest-fixture.js';

/** A message that nothing can be made of, and the code under which it has to be set aside. */
export interface HostileMessage {
  readonly what: string;
  readonly bytes: Buffer;
  readonly code: SetAsideCode;
}

/** Forms of messages; `mapped` is what the gateway `mapped` sends, `{"d","t","c"}`. */
export const FORMS = ['compact', 'senml-json', 'senml-cbor', 'cose', 'mapped'] as const;
export type Form = (typeof FORMS)[number];

const BOOT = 'hostile';
const DEPTH = 10_000;
const YEAR_2099 = Date.UTC(2099, 0, 1);
const { privateKey } = generateKeyPairSync('ed25519');
const signed = (payload: Buffer): Buffer =>
  coseSign1(payload, 'Ed25519', null, (bytes) => sign(null, bytes, privateKey));
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const repeated = (text: string, count = DEPTH): string => text.repeat(count);

/** A message of a form that is as it should be. */
export function goodMessage(form: Form, seq: number): Buffer {
  const sent = { boot: form, seq, readings: readings(`L-${form}`, START + seq * 60_000, 2) };
  switch (form) {
    case 'compact':
      return encodeFrame(sent);
    case 'senml-json':
      return encodeSenmlJson(sent);
    case 'senml-cbor':
      return encodeSenmlCbor(sent);
    case 'cose':
      return signed(encodeSenmlCbor(sent));
    case 'mapped':
      return Buffer.from(JSON.stringify({ d: 'L-mapped', t: START + seq * 60_000, c: 5 }));
  }
}

const compact = (r: string, number = `"boot":"${BOOT}","seq":1`): Buffer =>
  Buffer.from(`{${number},"r":[${r}]}`, 'latin1');
const reading = (c: string, t: string | number = START, d = 'L1'): string => `{"d":"${d}","t":${t},"c":${c}}`;
const senml = (record: string, numbers = `{"n":"boot","vs":"${BOOT}"},{"n":"sequence","v":2}`): Buffer =>
  Buffer.from(`[${numbers},${record}]`, 'latin1');
const record = (v: string, t: string | number = START / 1000, n = 'L1'): string =>
  `{"n":"${n}","u":"Cel","v":${v},"t":${t}}`;
const mapped = (c: string, t: string | number = START, d = 'L1'): Buffer =>
  Buffer.from(`{"d":"${d}","t":${t},"c":${c}}`, 'latin1');
/** A pack of CBOR: boot, number, then a record of name, unit, value and time, with this value or time. */
const cbor = (value: string, time = `1a ${(START / 1000).toString(16)}`): Buffer =>
  hex(
    `83 a2 00 64 626f6f74 03 61 62 a2 00 68 73657175656e6365 02 03 a4 00 62 4c31 01 63 43656c 02 ${value} 06 ${time}`,
  );

/** What a hostile or broken gateway can send in each form, as far as a single message goes. */
export const HOSTILE: Readonly<Record<Form, readonly HostileMessage[]>> = {
  compact: [
    { what: 'nothing', bytes: Buffer.alloc(0), code: 'json-invalid' },
    { what: 'null bytes', bytes: Buffer.alloc(1_000), code: 'json-invalid' },
    { what: 'a cut text', bytes: Buffer.from(`{"boot":"${BOOT}","seq":1,"r":[`), code: 'json-invalid' },
    { what: 'invalid UTF-8', bytes: compact(reading('5', START, 'L\xff')), code: 'utf8-invalid' },
    {
      what: 'invalid UTF-8 in the boot',
      bytes: compact(reading('5'), '"boot":"\xc3\x28","seq":1'),
      code: 'utf8-invalid',
    },
    { what: 'NaN', bytes: compact(reading('NaN')), code: 'json-invalid' },
    { what: '1e308', bytes: compact(reading('1e308')), code: 'temperature-implausible' },
    { what: 'more than a number can hold', bytes: compact(reading('-1e999')), code: 'member-invalid' },
    { what: 'a null byte in a logger', bytes: compact(reading('5', START, 'L\\u0000')), code: 'member-invalid' },
    { what: 'a raw null byte in a logger', bytes: compact(reading('5', START, 'L\0')), code: 'json-invalid' },
    {
      what: 'a null byte in the boot',
      bytes: compact(reading('5'), '"boot":"\\u0000","seq":1'),
      code: 'member-invalid',
    },
    {
      what: 'a terminal sequence in the boot',
      bytes: compact(reading('x'), '"boot":"\\u001b[2J","seq":1'),
      code: 'json-invalid',
    },
    { what: 'half of a surrogate pair', bytes: compact(reading('5', START, '\\ud800')), code: 'member-invalid' },
    { what: 'arrays in arrays', bytes: compact(repeated('[') + repeated(']')), code: 'shape-invalid' },
    { what: 'objects in objects', bytes: compact(`${repeated('{"a":')}1${repeated('}')}`), code: 'member-unknown' },
    { what: 'open arrays', bytes: Buffer.from(repeated('[', 100_000)), code: 'json-invalid' },
    { what: '1970', bytes: compact(reading('5', 0)), code: 'time-too-old' },
    { what: '2099', bytes: compact(reading('5', YEAR_2099)), code: 'time-in-future' },
    { what: 'a time before 1970', bytes: compact(reading('5', -1)), code: 'member-invalid' },
    { what: 'a time beyond all calendars', bytes: compact(reading('5', '9007199254740991')), code: 'time-in-future' },
    { what: 'a time of 1e308', bytes: compact(reading('5', '1e308')), code: 'member-invalid' },
    { what: 'a number of 1e308', bytes: compact(reading('5'), `"boot":"${BOOT}","seq":1e308`), code: 'member-invalid' },
    { what: 'a negative number', bytes: compact(reading('5'), `"boot":"${BOOT}","seq":-1`), code: 'member-invalid' },
    {
      what: 'a prototype',
      bytes: compact(reading('5'), `"__proto__":{"seq":1},"boot":"${BOOT}","seq":1`),
      code: 'member-unknown',
    },
    {
      what: 'members twice',
      bytes: compact(reading('5'), `"seq":2,"boot":"${BOOT}","seq":1`),
      code: 'member-repeated',
    },
    {
      what: 'more readings than a frame may have',
      bytes: compact(Array(1_001).fill(reading('5')).join()),
      code: 'too-many-readings',
    },
    {
      what: 'more bytes than a frame may have',
      bytes: compact(`"${repeated('x', 300_000)}"`),
      code: 'frame-too-large',
    },
  ],
  'senml-json': [
    { what: 'invalid UTF-8', bytes: senml(record('5', START / 1000, 'L\xff')), code: 'utf8-invalid' },
    { what: 'NaN', bytes: senml(record('NaN')), code: 'json-invalid' },
    { what: '1e308', bytes: senml(record('1e308')), code: 'temperature-implausible' },
    {
      what: 'sums beyond a number',
      bytes: senml(`{"n":"L1","u":"Cel","bv":1e308,"v":1e308,"t":1}`),
      code: 'member-invalid',
    },
    { what: 'a null byte in a name', bytes: senml(record('5', START / 1000, 'L\\u0000')), code: 'member-invalid' },
    {
      what: 'a null byte in the boot',
      bytes: senml(record('5'), '{"n":"boot","vs":"\\u0000"},{"n":"sequence","v":2}'),
      code: 'member-invalid',
    },
    { what: 'arrays in arrays', bytes: Buffer.from(repeated('[') + repeated(']')), code: 'shape-invalid' },
    { what: 'objects in objects', bytes: senml(`${repeated('{"a":')}1${repeated('}')}`), code: 'member-invalid' },
    { what: '1970', bytes: senml(record('5', 0)), code: 'time-relative' },
    { what: '2099', bytes: senml(record('5', YEAR_2099 / 1000)), code: 'time-in-future' },
    { what: 'a time of 1e308', bytes: senml(record('5', '1e308')), code: 'member-invalid' },
    { what: 'more bytes than a frame may have', bytes: senml(`"${repeated('x', 300_000)}"`), code: 'frame-too-large' },
  ],
  'senml-cbor': [
    { what: 'a cut item', bytes: cbor('05').subarray(0, 20), code: 'cbor-invalid' },
    { what: 'bytes after the item', bytes: Buffer.concat([cbor('05'), hex('00')]), code: 'cbor-invalid' },
    { what: 'NaN', bytes: cbor('f9 7e00'), code: 'member-invalid' },
    { what: 'infinity', bytes: cbor('fb 7ff0000000000000'), code: 'member-invalid' },
    { what: '1e308', bytes: cbor('fb 7fe1ccf385ebc8a0'), code: 'temperature-implausible' },
    { what: 'a decimal fraction of 10^(2^63)', bytes: cbor('c4 82 1b 7fffffffffffffff 01'), code: 'cbor-invalid' },
    { what: 'invalid UTF-8', bytes: hex('81 a1 00 62 c328'), code: 'utf8-invalid' },
    { what: 'a null byte in the boot', bytes: hex('81 a2 00 64 626f6f74 03 61 00'), code: 'member-invalid' },
    { what: 'arrays in arrays', bytes: Buffer.concat([Buffer.alloc(DEPTH, 0x81), hex('00')]), code: 'cbor-invalid' },
    { what: 'tags on tags', bytes: Buffer.concat([Buffer.alloc(DEPTH, 0xd2), hex('00')]), code: 'cbor-invalid' },
    {
      what: 'maps in maps',
      bytes: Buffer.concat([hex('81'), Buffer.from(repeated('a100'), 'hex'), hex('00')]),
      code: 'cbor-invalid',
    },
    { what: 'a length beyond all memory', bytes: hex('9b ffffffffffffffff'), code: 'cbor-invalid' },
    { what: 'a text longer than the message', bytes: hex('81 a1 00 7b 00000000ffffffff 61'), code: 'cbor-invalid' },
    { what: 'an array without an end', bytes: hex('9f ff'), code: 'frame-empty' },
    { what: 'a key twice', bytes: hex('81 a2 00 61 61 00 61 62'), code: 'member-repeated' },
    { what: '1970', bytes: cbor('05', '00'), code: 'time-relative' },
    { what: '2099', bytes: cbor('05', `1a ${(YEAR_2099 / 1000).toString(16)}`), code: 'time-in-future' },
  ],
  cose: [
    { what: 'nothing inside', bytes: hex('d2 84 43 a10127 a0 f6 58 40'), code: 'cbor-invalid' },
    { what: 'a signature in a signature', bytes: signed(signed(goodMessage('senml-cbor', 0))), code: 'shape-invalid' },
    {
      what: 'arrays in arrays inside',
      bytes: signed(Buffer.concat([Buffer.alloc(DEPTH, 0x81), hex('00')])),
      code: 'cbor-invalid',
    },
    { what: 'NaN inside', bytes: signed(cbor('f9 7e00')), code: 'member-invalid' },
    { what: '1e308 inside', bytes: signed(senml(record('1e308'))), code: 'temperature-implausible' },
    { what: 'invalid UTF-8 inside', bytes: signed(senml(record('5', START / 1000, 'L\xff'))), code: 'utf8-invalid' },
    { what: '1970 inside', bytes: signed(senml(record('5', 0))), code: 'time-relative' },
    { what: '2099 inside', bytes: signed(cbor('05', `1a ${(YEAR_2099 / 1000).toString(16)}`)), code: 'time-in-future' },
  ],
  mapped: [
    { what: 'nothing', bytes: Buffer.alloc(0), code: 'json-invalid' },
    { what: 'null bytes', bytes: Buffer.alloc(100), code: 'json-invalid' },
    { what: 'invalid UTF-8', bytes: mapped('5', START, 'L\xff'), code: 'utf8-invalid' },
    { what: 'NaN', bytes: mapped('NaN'), code: 'json-invalid' },
    { what: '1e308', bytes: mapped('1e308'), code: 'temperature-implausible' },
    { what: 'more than a number can hold', bytes: mapped('1e999'), code: 'member-invalid' },
    { what: 'a null byte in a logger', bytes: mapped('5', START, 'L\\u0000'), code: 'member-invalid' },
    { what: 'arrays in arrays', bytes: mapped(repeated('[') + repeated(']')), code: 'member-invalid' },
    { what: '1970', bytes: mapped('5', 0), code: 'time-too-old' },
    { what: '2099', bytes: mapped('5', YEAR_2099), code: 'time-in-future' },
    { what: 'a time of 1e308', bytes: mapped('5', '1e308'), code: 'member-invalid' },
    { what: 'a prototype', bytes: Buffer.from('{"__proto__":{"d":"L1","t":1,"c":5}}'), code: 'member-missing' },
    { what: 'more bytes than a frame may have', bytes: mapped(`"${repeated('x', 300_000)}"`), code: 'frame-too-large' },
  ],
};
