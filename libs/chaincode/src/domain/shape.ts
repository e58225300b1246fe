import { Refused } from './refused';

/**
 * Strict checks of parsed JSON. Each returns the value rebuilt with its members in the declared order, or refuses with
 * `payload-invalid` and the JSON pointer of what is wrong. Unknown members are refused: what the contract does not
 * understand must not look anchored.
 */
export type Check<Value> = (value: unknown, pointer: string) => Value;

/** Refuses a payload at a JSON pointer. */
export function invalid(pointer: string, expected: string): never {
  throw new Refused('payload-invalid', { pointer, expected });
}

/** Checks for every member of a type. */
export type Shape<Value> = { readonly [Name in keyof Value]-?: Check<Exclude<Value[Name], undefined>> };

/** An object with exactly the members of `shape`; those named in `optional` may be absent. */
export function object<Value>(shape: Shape<Value>, optional: readonly (keyof Value)[] = []): Check<Value> {
  const names = Object.keys(shape) as (keyof Value & string)[];
  return (value, pointer) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) invalid(pointer, 'object');
    const members = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(members)) {
      if (!Object.hasOwn(shape, name)) invalid(`${pointer}/${name}`, 'no such member');
    }
    const parsed: Partial<Value> = {};
    for (const name of names) {
      if (Object.hasOwn(members, name)) parsed[name] = shape[name](members[name], `${pointer}/${name}`);
      else if (!optional.includes(name)) invalid(`${pointer}/${name}`, 'member');
    }
    return parsed as Value;
  };
}

/** A list of `least` to `most` elements. */
export function list<Value>(check: Check<Value>, least: number, most: number): Check<readonly Value[]> {
  return (value, pointer) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) {
      return invalid(pointer, `list of ${least} to ${most}`);
    }
    return value.map((element: unknown, index) => check(element, `${pointer}/${index}`));
  };
}

/** The value, or null. */
export function nullable<Value>(check: Check<Value>): Check<Value | null> {
  return (value, pointer) => (value === null ? null : check(value, pointer));
}

/** One of some literals. */
export function oneOf<const Value extends string | number>(values: readonly Value[]): Check<Value> {
  return (value, pointer) => values.find((known) => known === value) ?? invalid(pointer, values.join(' | '));
}

/** A string of a form; `what` says in words which. */
export function text(form: RegExp, what: string): Check<string> {
  return (value, pointer) => (typeof value === 'string' && form.test(value) ? value : invalid(pointer, what));
}

/** An integer in a closed range. -0 is not an integer of JSON text that we write. */
export function integer(least: number, most: number): Check<number> {
  return (value, pointer) => {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) invalid(pointer, 'integer');
    const parsed = value as number;
    return parsed >= least && parsed <= most ? parsed : invalid(pointer, `integer ${least} to ${most}`);
  };
}

/** true or false. */
export const boolean: Check<boolean> = (value, pointer) =>
  typeof value === 'boolean' ? value : invalid(pointer, 'true or false');
