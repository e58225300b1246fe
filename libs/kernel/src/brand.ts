declare const brand: unique symbol;

/**
 * A value that was parsed: `Brand<string, 'Gtin'>` can only come out of the function that checked it.
 * Parse at the edge; inside, a raw string does not fit.
 */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
