import type { BindDevicePayload, DeviceState, PartyId, RegisterDevicePayload, RevokeDevicePayload } from '../protocol';
import { hasPassed } from './batch';
import { type Context, expiryTime } from './context';
import type { Draft } from './draft';
import { Refused } from './refused';
import type { Registered, StandingContext } from './standing';
import { unitInCustody } from './unit';

/** A device's state with its members in the order of the protocol. */
const deviceState = (state: DeviceState): DeviceState => ({
  device: state.device,
  owner: state.owner,
  publicKey: state.publicKey,
  calibrationDue: state.calibrationDue,
  state: state.state,
  bound: state.bound,
});

/** @throws Refused `device-unknown`, `device-not-owned`. */
async function ownDevice(key: string, caller: PartyId, draft: Draft): Promise<DeviceState> {
  const device = await draft.device(key);
  if (device.owner !== caller) throw new Refused('device-not-owned', { device: key });
  return device;
}

/**
 * A party registers a device of its own. The same content again is a replay; the same key with a later day is a
 * calibration. A new key is a new device, because what was signed before must stay attributable.
 * @throws Refused `device-not-owned`, `device-revoked`, `device-exists-differently` and what `Draft.caller` refuses.
 */
export async function registerDevice(
  payload: RegisterDevicePayload,
  { caller, draft }: StandingContext,
): Promise<Registered<DeviceState>> {
  await draft.caller(caller);
  const { device, publicKey, calibrationDue } = payload;
  if ((await draft.find('device', device)) === undefined) {
    const state = deviceState({ device, owner: caller, publicKey, calibrationDue, state: 'registered', bound: null });
    draft.put('device', device, state);
    return { state, replay: false };
  }
  const known = await ownDevice(device, caller, draft);
  if (known.state === 'revoked') throw new Refused('device-revoked', { device });
  if (known.publicKey !== publicKey || calibrationDue < known.calibrationDue) {
    throw new Refused('device-exists-differently', { device, calibrationDue: known.calibrationDue });
  }
  if (calibrationDue === known.calibrationDue) return { state: known, replay: true };
  const state = deviceState({ ...known, calibrationDue });
  draft.put('device', device, state);
  return { state, replay: false };
}

/**
 * The owner says what a device measures. He must hold the unit, so that nobody speaks about the goods of others, be it on
 * its way; the binding goes with the unit until he ends it.
 * @throws Refused `device-unknown`, `device-not-owned`, `device-revoked`, `device-bound`, `device-not-bound`,
 * `device-calibration-overdue`, `event-before-previous` (before it was bound) and what {@link unitInCustody} refuses.
 */
export async function bindDevice(payload: BindDevicePayload, context: Context): Promise<void> {
  const { draft, caller, eventTime } = context;
  const device = await ownDevice(payload.device, caller.party, draft);
  const details = { device: payload.device, unit: payload.unit };
  if (payload.action === 'unbind') {
    if (device.bound?.unit !== payload.unit) throw new Refused('device-not-bound', details);
    if (eventTime < device.bound.since) {
      throw new Refused('event-before-previous', { ...details, previous: device.bound.since, eventTime });
    }
    draft.put('device', payload.device, deviceState({ ...device, bound: null }));
    return;
  }
  if (device.state === 'revoked') throw new Refused('device-revoked', details);
  if (device.bound !== null) throw new Refused('device-bound', { ...details, unit: device.bound.unit });
  if (hasPassed(device.calibrationDue, expiryTime(context))) {
    throw new Refused('device-calibration-overdue', { ...details, calibrationDue: device.calibrationDue });
  }
  await unitInCustody(payload.unit, context);
  const bound = { unit: payload.unit, since: eventTime };
  draft.put('device', payload.device, deviceState({ ...device, bound }));
}

/**
 * The owner takes a device out of use for good. Again is a replay.
 * @throws Refused `device-unknown`, `device-not-owned` and what `Draft.caller` refuses.
 */
export async function revokeDevice(
  { device }: RevokeDevicePayload,
  { caller, draft }: StandingContext,
): Promise<Registered<DeviceState>> {
  await draft.caller(caller);
  const known = await ownDevice(device, caller, draft);
  if (known.state === 'revoked') return { state: known, replay: true };
  const state = deviceState({ ...known, state: 'revoked', bound: null });
  draft.put('device', device, state);
  return { state, replay: false };
}
