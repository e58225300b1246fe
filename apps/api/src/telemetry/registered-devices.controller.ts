import { createPublicKey } from 'node:crypto';
import type { DeviceState } from '@coldchain/chaincode/protocol';
import { registerDevice, revokeDevice, type Standing } from '@coldchain/custody';
import { dayOf } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import { numberCursorOf, pageOf } from '../http/paging.js';
import type { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { devicesAfter, keepCalibration } from './devices.queries.js';

/** Loggers that the ledger knows as devices, by key and calibration. */
@Controller()
export class RegisteredDevicesController {
  constructor(private readonly work: Work) {}

  @Operation('registerDevice')
  register(@Req() request: ContextRequest, @Input() { body }: InputOf<'registerDevice'>): Promise<Reply> {
    const { serial, calibrationDue } = body;
    const publicKey = spkiOf(body.publicKey);
    return this.work.standing(request, async (act) => {
      const standing = await registerDevice(act, { serial, publicKey, calibrationDue });
      const calibration = { serial, due: calibrationDue, certificate: null };
      await keepCalibration(act.transaction, calibration, dayOf(act.clock.now()));
      return answerOf(serial, standing);
    });
  }

  @Operation('listDevices')
  async list(@Req() request: ContextRequest, @Input() { query }: InputOf<'listDevices'>): Promise<Reply> {
    const rows = await this.work.read(request, (tx) => devicesAfter(tx, numberCursorOf(query.after), query.limit + 1));
    return pageOf(
      'listDevices',
      query.limit,
      rows,
      (row) => row.id,
      (shown) => ({
        devices: shown.map((row) => ({
          serial: row.serial,
          device: row.state.device,
          publicKeySha256: row.state.publicKey,
          calibrationDue: row.state.calibrationDue,
          state: row.state.state,
          boundTo: row.bound_to,
          anchored: row.anchored,
        })),
      }),
    );
  }

  @Operation('revokeDevice')
  revoke(@Req() request: ContextRequest, @Input() { params }: InputOf<'revokeDevice'>): Promise<Reply> {
    return this.work.standing(request, async (act) => answerOf(params.serial, await revokeDevice(act, params.serial)));
  }
}

const answerOf = (serial: string, { state, repeated }: Standing<DeviceState>) => ({
  serial,
  device: state.device,
  repeated,
});

/** SubjectPublicKeyInfo of a PEM. @throws RequestProblem `body-invalid` */
function spkiOf(pem: string): Buffer {
  const wrong = (detail: string): RequestProblem =>
    new RequestProblem('body-invalid', detail, [{ pointer: '/publicKey', code: 'public-key-invalid', detail }]);
  let key;
  try {
    key = createPublicKey(pem);
  } catch {
    // What OpenSSL says about it helps nobody who sent it.
    throw wrong('the public key cannot be read');
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const allowed = type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1');
  if (!allowed) throw wrong('the public key must be Ed25519 or P-256');
  return key.export({ type: 'spki', format: 'der' });
}
