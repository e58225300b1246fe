import type { OrganisationTransaction } from '@coldchain/database';
import { decodeMapped, decodeReadings, type FrameReading, usableModel } from '@coldchain/telemetry';
import {
  type FrameRow,
  modelsOf,
  type RegisteredModelRow,
  type StoredReading,
  storedReadingOf,
} from './frames.queries.js';

/** As in a proof. */
interface ProofModel {
  readonly name: string;
  readonly mapping: Readonly<Record<string, unknown>> | null;
}

const ANY_TIME = { now: Number.MAX_SAFE_INTEGER, oldest: Number.MIN_SAFE_INTEGER, unsequenced: 'accept' } as const;

/**
 * The model that a proof names for a frame: the one that its bytes were read by, which need not be the one that its gateway
 * has now. None where the bytes carry a number in one of the platform's own forms.
 */
export async function modelOf(transaction: OrganisationTransaction, frame: FrameRow): Promise<ProofModel | null> {
  const own = decodeReadings(frame.raw, ANY_TIME);
  if (own.ok && own.frame.boot !== null) return null;
  const models = await modelsOf(transaction, frame);
  const model = models.length > 1 ? await readBy(transaction, frame, models) : models[0];
  return model === undefined || model.model === null ? null : { name: model.model, mapping: model.mapping };
}

/**
 * Of several models the first that makes of the bytes what is stored of them: a process may read by the one before for
 * some seconds after a change, or hold what it has read while the database is away. Where the stored reading is of a
 * logger that the organisation may not see, the one that was registered at the time.
 */
async function readBy(
  transaction: OrganisationTransaction,
  frame: FrameRow,
  models: readonly RegisteredModelRow[],
): Promise<RegisteredModelRow | undefined> {
  for (const model of models) {
    const reading = readingBy(frame.raw, model);
    if (reading !== null && isSame(reading, await storedReadingOf(transaction, frame, reading))) return model;
  }
  return models[0];
}

/** What a model makes of a message; null where it makes nothing of it. */
function readingBy(raw: Buffer, { model: name, mapping }: RegisteredModelRow): FrameReading | null {
  const model = name === null ? null : usableModel({ name, mapping });
  if (name !== null && model === null) return null;
  const decoded = model === null ? decodeReadings(raw, ANY_TIME) : decodeMapped(raw, model, ANY_TIME);
  return decoded.ok ? (decoded.frame.readings[0] ?? null) : null;
}

function isSame(reading: FrameReading, stored: StoredReading | undefined): boolean {
  return reading.milliCelsius === stored?.milliCelsius && reading.humidityPermille === stored.humidityPermille;
}
