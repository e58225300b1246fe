import { z } from 'zod';
import { GatewayName } from './devices.js';
import { Instant } from './scalars.js';

/** Query of what arrives. */
export const ArrivalsQuery = z.strictObject({
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,200}$/)
    .optional()
    .meta({ description: '`next` of the answer before; without it: what was refused lately, and where to go on' }),
  gateway: GatewayName.optional().meta({ description: 'Only of this gateway' }),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

const Numbered = {
  gateway: z.string(),
  boot: z.string().nullable(),
  sequence: z.int().nullable(),
  receivedAt: Instant,
} as const;

/** A frame that was stored. */
const StoredArrival = z.strictObject({
  kind: z.literal('stored'),
  ...Numbered,
  loggers: z.array(z.string().nullable()).meta({ description: 'null: a logger of another organisation' }),
  readings: z.int(),
  firstAt: Instant,
  lastAt: Instant,
  lagMs: z.int().meta({ description: 'From its newest reading to its arrival' }),
  clockOffsetMs: z.int().nullable().meta({ description: "How far the gateway's clock is behind the server's" }),
  shiftMs: z.int().nullable().meta({ description: 'Its times were moved by so much: the clock of its boot was wrong' }),
  signed: z.boolean(),
});

/** A message that was set aside. */
const RefusedArrival = z.strictObject({
  kind: z.literal('refused'),
  ...Numbered,
  code: z.string(),
  details: z.record(z.string(), z.unknown()),
  bytes: z.int(),
  nextStep: z.string(),
});

/** What arrived from the organisation's gateways, in the order in which it became visible. */
export const ArrivalsAnswer = z.strictObject({
  arrivals: z.array(z.discriminatedUnion('kind', [StoredArrival, RefusedArrival])),
  next: z.string().meta({ description: 'Ask with it for what comes after' }),
});
