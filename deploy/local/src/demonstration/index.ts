import type { Demonstration } from './demonstration.js';

/** The demonstration of `npm start`; null: none is part of this build. */
export const demonstration: Demonstration | null = null;
