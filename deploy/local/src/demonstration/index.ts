import type { Demonstration } from './demonstration.js';
import { Story } from './story.js';

/** The demonstration of `npm start`. */
export const demonstration: Demonstration = new Story();
