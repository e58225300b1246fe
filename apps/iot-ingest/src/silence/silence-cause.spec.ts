import { describe, expect, it } from '@jest/globals';
import { silenceCause, type SilenceFacts } from './silence-cause.js';

const facts: SilenceFacts = {
  othersHeard: true,
  gatewayHeard: true,
  gatewayState: 'online',
  gatewayBatteryPercent: 80,
  loggerBatteryPercent: null,
  refusedForTheirTime: 0,
};

describe('silenceCause', () => {
  it.each([
    ['range', {}],
    ['range', { gatewayHeard: null, gatewayState: null }],
    ['battery', { loggerBatteryPercent: 10 }],
    ['clock', { refusedForTheirTime: 1, loggerBatteryPercent: 5 }],
    ['gateway', { gatewayHeard: false }],
    ['gateway', { gatewayState: 'offline' as const }],
    ['battery', { gatewayHeard: false, gatewayBatteryPercent: 3 }],
    ['broker', { gatewayHeard: false, othersHeard: false, gatewayBatteryPercent: 3 }],
    ['range', { othersHeard: false }],
  ])('%s: %j', (cause, change) => {
    expect(silenceCause({ ...facts, ...change })).toBe(cause);
  });
});
