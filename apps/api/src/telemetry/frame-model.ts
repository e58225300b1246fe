import { decodeReadings } from '@coldchain/telemetry';
import type { FrameRow } from './frames.queries.js';

/** As in a proof. */
interface ProofModel {
  readonly name: string;
  readonly mapping: Readonly<Record<string, unknown>> | null;
}

/**
 * The model that a proof names for a frame: that of its gateway, which reads all that this sends, unless the bytes carry
 * a number in one of the platform's own forms.
 */
export function modelOf({ model, mapping, raw }: FrameRow): ProofModel | null {
  if (model === null) return null;
  const own = decodeReadings(raw, {
    now: Number.MAX_SAFE_INTEGER,
    oldest: Number.MIN_SAFE_INTEGER,
    unsequenced: 'accept',
  });
  return own.ok && own.frame.boot !== null ? null : { name: model, mapping };
}
