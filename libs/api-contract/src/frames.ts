import { z } from 'zod';

const Hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const Milliseconds = z.int().min(0).meta({ description: 'ms since 1970 UTC' });

/** The number of a frame in a path. */
export const FramePath = z.strictObject({
  gateway: z.string().min(1).max(63).meta({ description: 'Name of the gateway', example: 'dock-1' }),
  boot: z.string().min(1).max(128).meta({ description: 'Start of the gateway’s counting', example: 'b1' }),
  sequence: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .meta({ description: 'Number of the frame within the boot', example: '17' }),
});

const Root = z.strictObject({
  log: Hex32.meta({ description: 'The telemetry log of the organisation' }),
  index: z.int().min(0).meta({ description: 'Which tree of the log' }),
  root: Hex32.meta({ description: 'Merkle root, RFC 9162 hashing' }),
  count: z.int().min(1).meta({ description: 'Frames under the root' }),
  window: z
    .strictObject({ from: Milliseconds, to: Milliseconds })
    .meta({ description: 'The frames were accepted and became final between these instants' }),
  previous: Hex32.nullable().meta({ description: 'Root of the tree before; null for the first' }),
});

/** A frame with all that leads from its bytes to a root on the ledger; checked offline by `coldchain frame verify`. */
export const FrameProofAnswer = z.strictObject({
  frame: z.strictObject({
    organisation: z.string().min(1).max(63),
    gateway: z.string().min(1).max(63),
    boot: z.string().min(1).max(128),
    sequence: z.int().min(0),
    salt: Hex32.meta({ description: 'Blinds the leaf, so that neighbours in a path cannot be guessed' }),
    raw: z.base64().meta({ description: 'The received bytes' }),
    model: z
      .strictObject({ name: z.string().min(1).max(63), mapping: z.record(z.string(), z.unknown()).nullable() })
      .nullable()
      .default(null)
      .meta({
        description: 'How the bytes are read where they are of another system’s form; the root does not cover it',
      }),
  }),
  tree: Root.extend({
    leaf: z.int().min(0).meta({ description: 'Place of the frame among the leaves' }),
    path: z.array(Hex32).max(64).meta({ description: 'Sibling hashes from the leaf to the root' }),
  }),
  ledger: z
    .strictObject({
      transactionId: z.string(),
      block: z.int().min(0),
      object: Root.extend({ party: z.string().meta({ description: 'Who anchored it: MSP and enrolment name' }) }),
    })
    .nullable()
    .meta({ description: 'The root as the ledger has it; null: not there yet' }),
});
