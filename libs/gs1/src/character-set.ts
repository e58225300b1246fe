import { Gs1Error } from './gs1-error.js';

/** Character sets of the General Specifications §7.11: N digits, X set 82, Y set 39, Z base64url. */
export type CharacterSet = 'N' | 'X' | 'Y' | 'Z';

const members: Record<CharacterSet, RegExp> = {
  N: /[0-9]/,
  X: /[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]/,
  Y: /[#\-/0-9A-Z]/,
  Z: /[A-Za-z0-9\-_=]/,
};

/** Offset of the first character that is not in the set, or -1. */
export function firstOutside(text: string, set: CharacterSet): number {
  const member = members[set];
  for (let index = 0; index < text.length; index++) if (!member.test(text.charAt(index))) return index;
  return -1;
}

/**
 * Refuses a text with characters outside of the set.
 * @throws Gs1Error `character-invalid` with the position
 */
export function requireCharacters(text: string, set: CharacterSet): void {
  const position = firstOutside(text, set);
  if (position >= 0) {
    const what = set === 'N' ? 'a digit is expected' : 'the character is not allowed here';
    throw new Gs1Error('character-invalid', what, { position, found: text.charAt(position) });
  }
}
