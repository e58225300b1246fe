import { z } from 'zod';
import { LoggerSerial } from './scalars.js';

/** The export of a logger, as text. */
export const AttachLoggerFileBody = z.strictObject({
  name: z.string().min(1).max(200).meta({ description: 'Name of the file' }),
  content: z.string().min(1).max(900_000).meta({
    description: 'Berlinger FridgeTag or Q-tag text, or CSV timestamp,celsius[,humidity]',
  }),
  zone: z
    .string()
    .regex(/^(Z|[+-]\d{2}:\d{2})$/)
    .exactOptional()
    .meta({ description: 'Offset of the times in the file from UTC; goes before the file’s own', example: '+02:00' }),
  logger: LoggerSerial.exactOptional().meta({ description: 'Which logger, where the file does not say' }),
});

const count = z.int().min(0);

/** What was read from the file, and what of it was new. */
export const AttachLoggerFileAnswer = z.strictObject({
  repeated: z.boolean().meta({ description: 'The same file was attached before' }),
  sha256: z.string(),
  format: z.string(),
  device: z.string(),
  serial: z.string().nullable(),
  zone: z.strictObject({
    offsetMinutes: z.int(),
    assumed: z.boolean().meta({ description: 'Neither the file nor the request named one: UTC was taken' }),
  }),
  evidence: z
    .enum(['readings', 'daily-summaries', 'none'])
    .meta({ description: 'Daily summaries alone are kept and cover no time' }),
  readings: z.strictObject({
    inFile: count,
    outside: count.meta({ description: 'At times when the organisation did not have the unit with this logger' }),
    duplicates: count.meta({ description: 'Known already from live data or another file' }),
    differing: count.meta({ description: 'Stored although another value of that time is known: both count' }),
    stored: count,
  }),
  legs: z.array(z.strictObject({ leg: z.string(), stored: count })),
  certificate: z.enum(['unverified', 'none']).meta({ description: 'Of the device: kept, not checked' }),
  problems: z.array(z.strictObject({ code: z.string(), line: z.int(), message: z.string() })),
  contradictions: z.array(z.strictObject({ code: z.string(), day: z.string().nullable(), message: z.string() })),
});
