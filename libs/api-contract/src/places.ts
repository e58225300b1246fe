import { z } from 'zod';
import { EventTime, GiaiText, GlnText, Instant, LoggerSerial, SsccText } from './scalars.js';

/** Short names of places and packagings, unique in the organisation. */
export const PlaceName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
  .meta({ description: 'Short name of a place of the organisation', example: 'cold-room-2' });
export const PackagingName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
  .meta({ description: 'Short name of a packaging of the organisation', example: 'box-96h' });

/** A location with what lies inside of it, or a vehicle. */
export const RegisterPlaceBody = z.strictObject({
  name: PlaceName,
  identifier: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('location'),
      gln: GlnText,
      extension: z
        .string()
        .regex(/^[!-~]{1,20}$/)
        .nullable()
        .default(null)
        .meta({ description: 'What lies inside of the location: extension component of the GLN (AI 254)' }),
    }),
    z.strictObject({ kind: z.literal('vehicle'), giai: GiaiText }),
  ]),
});
export const PlaceAnswer = z.strictObject({
  name: z.string(),
  identifier: z.union([
    z.strictObject({ kind: z.literal('location'), gln: z.string(), extension: z.string().nullable() }),
    z.strictObject({ kind: z.literal('vehicle'), giai: z.string() }),
  ]),
});
export const PlaceDetail = PlaceAnswer.extend({
  loggers: z
    .array(
      z.strictObject({
        serial: z.string(),
        since: Instant,
        lastReadingAt: Instant.nullable(),
        silentSince: Instant.nullable(),
      }),
    )
    .meta({ description: 'Loggers that watch it now' }),
  units: z
    .array(z.strictObject({ sscc: z.string(), since: Instant }))
    .meta({ description: 'Units that are there now, at most 1000' }),
});
export const PlaceList = z.strictObject({ places: z.array(PlaceDetail) });

export const PlacePath = z.strictObject({ place: PlaceName });
export const PlaceLoggerPath = z.strictObject({ place: PlaceName, logger: LoggerSerial });
export const AssignPlaceLoggerBody = z.strictObject({ logger: LoggerSerial });
export const PlaceLoggerAnswer = z.strictObject({
  place: z.string(),
  logger: z.string(),
  since: Instant.nullable().meta({ description: 'From when on it speaks for the units there; null: no longer' }),
});

export const UnitsInPlaceBody = z.strictObject({
  ssccs: z.array(SsccText).min(1).max(50),
  eventTime: EventTime.optional(),
});

const MilliCelsius = z.int().min(-200_000).max(200_000);

/** Packaging that a study has shown to keep a range of temperatures for so long. */
export const RegisterPackagingBody = z.strictObject({
  name: PackagingName,
  qualifiedMs: z
    .int()
    .min(60_000)
    .max(30 * 86_400_000)
    .meta({ description: 'How long it keeps its range after it was closed; after that time there is no evidence' }),
  minMilliCelsius: MilliCelsius,
  maxMilliCelsius: MilliCelsius,
  certificate: z.string().min(1).max(128).meta({ description: 'Names the qualification report' }),
});
export const PackagingAnswer = z.strictObject({ ...RegisterPackagingBody.shape });
export const PackagingList = z.strictObject({ packagings: z.array(PackagingAnswer) });
