import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeMapped, GATEWAY_MODELS, type GatewayModel, parseGatewayModel } from '../index.js';
import type { DecodedFrame } from '../index.js';
import { parseJsonPointer, valueAt } from './json-pointer.js';

const NOW = Date.UTC(2026, 10, 20);
const OPTIONS = { now: NOW, oldest: NOW - 30 * 86_400_000 };
const decode = (message: unknown, model: GatewayModel): DecodedFrame =>
  decodeMapped(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), model, OPTIONS);

/** As the HTTP and MQTT integrations of ChirpStack v4 publish an uplink (proto `integration.UplinkEvent`). */
const CHIRPSTACK = {
  deduplicationId: '3ac7e3c4-4401-4b8d-9386-a5c902f9202d',
  time: '2026-11-18T09:34:15.775023242+00:00',
  deviceInfo: {
    tenantId: '52f14cd4-c6f1-4fbd-8f87-4025e1d49242',
    tenantName: 'Cold store north',
    applicationId: '17c82e96-be03-4f38-aef3-f83d48582d97',
    applicationName: 'fridges',
    deviceProfileId: '14855bf7-d10d-4aee-b618-ebfcb64dc7ad',
    deviceProfileName: 'temperature and humidity',
    deviceName: 'fridge 4, upper shelf',
    devEui: '24e124136b502217',
    deviceClassEnabled: 'CLASS_A',
    tags: { room: '2.14' },
  },
  devAddr: '00189440',
  adr: true,
  dr: 5,
  fCnt: 4219,
  fPort: 85,
  confirmed: false,
  data: 'AWdjAAJoWQ==',
  object: { temperature: 5.1, humidity: 44.5, battery: 98 },
  rxInfo: [
    {
      gatewayId: '0016c001f153a14c',
      uplinkId: 4217106255,
      nsTime: '2026-11-18T09:34:15.806134+00:00',
      rssi: -67,
      snr: 9.8,
      channel: 6,
      location: {},
      context: 'E3OWOQ==',
      crcStatus: 'CRC_OK',
    },
  ],
  txInfo: {
    frequency: 867_700_000,
    modulation: { lora: { bandwidth: 125_000, spreadingFactor: 7, codeRate: 'CR_4_5' } },
  },
  regionConfigId: 'eu868',
};

/** As webhooks of The Things Stack v3 deliver an uplink (data format `ApplicationUp`). */
const THINGS_STACK = {
  end_device_ids: {
    device_id: 'vaccine-fridge-2',
    application_ids: { application_id: 'clinic' },
    dev_eui: '0004A30B001C0530',
    join_eui: '800000000000000C',
    dev_addr: '00BCB929',
  },
  correlation_ids: ['as:up:01E0WZGT6Y7657CPFPE5WEYDSQ'],
  received_at: '2026-11-18T15:15:45.787832574Z',
  uplink_message: {
    session_key_id: 'AXBSH1Pk6Z0G166e',
    f_port: 1,
    f_cnt: 5,
    frm_payload: 'AGcANQFoWg==',
    decoded_payload: { temperature: -0.3, humidity: 45 },
    rx_metadata: [
      {
        gateway_ids: { gateway_id: 'gtw1', eui: '9C5C8E00001A05C4' },
        time: '2026-11-18T15:15:45.561Z',
        timestamp: 2_463_457_000,
        rssi: -35,
        channel_rssi: -35,
        snr: 5.2,
        uplink_token: 'ChIKEA==',
      },
    ],
    settings: { data_rate: { lora: { bandwidth: 125_000, spreading_factor: 7 } }, frequency: '868300000' },
    received_at: '2026-11-18T15:15:45.582Z',
    consumed_airtime: '0.056576s',
  },
};

describe('decodeMapped', () => {
  it('reads an uplink of ChirpStack v4', () => {
    expect(decode(CHIRPSTACK, GATEWAY_MODELS['chirpstack-v4'])).toMatchObject({
      ok: true,
      frame: {
        boot: null,
        seq: null,
        readings: [
          {
            logger: '24e124136b502217',
            at: Date.UTC(2026, 10, 18, 9, 34, 15, 775),
            milliCelsius: 5100,
            humidityPermille: 445,
            counter: 4219,
          },
        ],
      },
    });
  });

  it('reads an uplink of The Things Stack v3, whose first counter 0 is left out', () => {
    const { f_cnt, ...uplink } = THINGS_STACK.uplink_message;
    const model = GATEWAY_MODELS['the-things-stack-v3'];
    const reading = {
      logger: '0004A30B001C0530',
      at: Date.UTC(2026, 10, 18, 15, 15, 45, 582),
      milliCelsius: -300,
      humidityPermille: 450,
    };
    expect(decode(THINGS_STACK, model)).toMatchObject({
      ok: true,
      frame: { readings: [{ ...reading, counter: f_cnt }] },
    });
    expect(decode({ ...THINGS_STACK, uplink_message: uplink }, model)).toMatchObject({
      ok: true,
      frame: { readings: [{ ...reading, counter: null }] },
    });
  });

  it('refuses other events of the same servers', () => {
    const { object: _, ...join } = CHIRPSTACK;
    expect(decode(join, GATEWAY_MODELS['chirpstack-v4'])).toMatchObject({
      code: 'member-missing',
      details: { member: '/object/temperature' },
    });
  });

  it('scales, and reads times in seconds and milliseconds', () => {
    const model = parseGatewayModel({
      logger: '/a~1b/0',
      time: '/t',
      timeForm: 's',
      celsius: '/c',
      celsiusScale: 0.01,
    });
    const message = { 'a/b': ['x'], t: NOW / 1000 - 0.5, c: 512 };
    const reading = { logger: 'x', at: NOW - 500, milliCelsius: 5120, humidityPermille: null, counter: null };
    expect(decode(message, model)).toMatchObject({ ok: true, frame: { readings: [reading] } });
    expect(decode({ ...message, t: NOW - 500 }, { ...model, timeForm: 'ms' })).toMatchObject({
      ok: true,
      frame: { readings: [reading] },
    });
  });

  const model = GATEWAY_MODELS['chirpstack-v4'];
  const changed = (change: object): object => ({ ...CHIRPSTACK, ...change });
  it.each([
    ['member-invalid', changed({ time: '2026-11-18T09:34:15.775' })],
    ['member-invalid', changed({ time: '2026-13-18T09:34:15Z' })],
    ['member-invalid', changed({ time: 'yesterday' })],
    ['time-in-future', changed({ time: '2099-01-01T00:00:00Z' })],
    ['time-too-old', changed({ time: '1970-01-01T00:00:00Z' })],
    ['member-invalid', changed({ object: { temperature: '5.1' } })],
    ['temperature-implausible', changed({ object: { temperature: 327.67 } })],
    ['temperature-implausible', changed({ object: { temperature: 1e308 } })],
    ['humidity-implausible', changed({ object: { temperature: 5, humidity: 101 } })],
    ['member-invalid', changed({ fCnt: -1 })],
    ['member-invalid', changed({ deviceInfo: { devEui: 'two words' } })],
    ['member-missing', changed({ deviceInfo: null })],
    ['json-invalid', '['.repeat(10_000)],
    ['member-missing', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['frame-too-large', ' '.repeat(5 * 1024 * 1024)],
  ])('refuses %s', (code, message) => {
    expect(decode(message, model)).toMatchObject({ ok: false, code });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.json(), (text) => expect(decode(text, model).ok).toBe(false)));
  });
});

describe('parseGatewayModel', () => {
  const given = { logger: '/d', time: '/t', timeForm: 'ms', celsius: '/c' };
  it.each([
    ['logger', { ...given, logger: 'd' }],
    ['logger', { ...given, logger: '/~2' }],
    ['timeForm', { ...given, timeForm: 'h' }],
    ['celsiusScale', { ...given, celsiusScale: 0 }],
    ['fahrenheit', { ...given, fahrenheit: '/f' }],
    ['celsius', { logger: '/d', time: '/t', timeForm: 'ms' }],
  ])('names %s', (member, value) => {
    expect(() => parseGatewayModel(value)).toThrow(expect.objectContaining({ details: { member } }));
  });
});

describe('JSON Pointer', () => {
  it('reads the examples of RFC 6901 §5 and sees own members only', () => {
    const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8 };
    const at = (text: string): unknown => valueAt(document, parseJsonPointer(text) ?? []);
    expect(['/foo/0', '/', '/a~1b', '/m~0n', '/toString', '/foo/length'].map(at)).toEqual([
      'bar',
      0,
      1,
      8,
      undefined,
      2,
    ]);
  });
});
