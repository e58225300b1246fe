import type { z } from 'zod';
import type { VerdictAnswerBody } from './verification.js';

/** An answer for the reference document. */
export const VERDICT_EXAMPLE: z.output<typeof VerdictAnswerBody> = {
  answer: 'ok',
  kind: null,
  reason: 'no-objection',
  sentence: 'Identifier active, no objection as of 2026-11-20 14:02 UTC.',
  nextStep: 'It may be used. Record it when it leaves your hands.',
  warning: null,
  asOf: '2026-11-20T14:02:00.000Z',
  checkedAt: '2026-11-20T14:02:03.000Z',
  subject: {
    kind: 'pack',
    link: 'https://id.gs1.org/01/09506000134352/21/SN1',
    gtin: '09506000134352',
    lot: 'A1B2',
    serial: 'SN1',
    sscc: null,
    productName: 'Example vaccine 0.5 ml',
  },
  claims: [
    {
      name: 'certified',
      state: 'confirmed',
      sentence: 'The batch is certified.',
      asOf: '2026-11-20T14:02:00.000Z',
    },
  ],
};
