import { z } from 'zod';

/** An absolute URI or a CURIE: a scheme or prefix, a colon, and no character that RFC 3986 excludes. */
const uriPattern = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/;

/** Whether a member's name is an extension's: a CURIE or URI. */
export const isExtensionName = (name: string): boolean => uriPattern.test(name);

export const uri = z.string().regex(uriPattern, 'a URI is expected');

/** RFC 3339 with zone; the day has to exist. */
export const instant = z.iso.datetime({ offset: true, error: 'an ISO 8601 date-time with offset or Z is expected' });

export const zoneOffset = z
  .string()
  .regex(/^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/, 'an offset is written ±hh:mm, at most 14:00');

function wordOrUri(words: readonly string[], dressed: RegExp) {
  const known = new Set(words);
  return z.string().refine((text) => known.has(text) || (uriPattern.test(text) && !dressed.test(text)), {
    error: 'neither a word of the vocabulary nor a URI of your own',
  });
}

/** A bare word of the vocabulary, or a URI that is not one of CBV in another dress. */
export function vocabulary(words: readonly string[]) {
  return wordOrUri(words, /^(?:urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/);
}

/** A measurement word, or a URI outside of the GS1 Web Vocabulary. */
export function webVocabulary(words: readonly string[]) {
  return wordOrUri(words, /^https?:\/\/(?:www\.)?gs1\.org\/voc\//);
}

/** A list in which nothing stands twice. */
export function distinct<Item extends z.ZodType<string>>(item: Item) {
  return z.array(item).refine((list) => new Set(list).size === list.length, { error: 'an entry stands twice' });
}

/** An object of the standard that may carry extensions: other members need a prefix. */
export function extensible<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).superRefine((object, context) => {
    for (const name of Object.keys(object)) {
      if (Object.hasOwn(shape, name) || isExtensionName(name)) continue;
      context.addIssue({
        code: 'unrecognized_keys',
        keys: [name],
        path: [name],
        message: 'not a member of the standard, and an extension needs a prefix',
        input: object,
      });
    }
  });
}
