import { decodeReadings } from '@coldchain/telemetry';
import type { FrameRow } from './frames.queries.js';

/** As in a proof. */
interface ProofModel {
  readonly name: string;
  readonly mapping: Readonly<Record<string, unknown>> | null;
}

/**
 * The model that a proof names for a frame. A gateway can have got its model after it had sent in the platform's own forms:
 * what is one of those is read as that.
 */
export function modelOf({ model, mapping, raw }: FrameRow): ProofModel | null {
  if (model === null) return null;
  const own = decodeReadings(raw, {
    now: Number.MAX_SAFE_INTEGER,
    oldest: Number.MIN_SAFE_INTEGER,
    unsequenced: 'accept',
  });
  return own.ok ? null : { name: model, mapping };
}
