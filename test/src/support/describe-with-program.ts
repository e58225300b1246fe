import { describe, it } from '@jest/globals';

/**
 * A `describe` that needs a program. Where it is missing the block is skipped, and a line says so; in CI, where it has to
 * be, that is a failure.
 */
export function describeWithProgram(program: string | null, name: string, title: string, body: () => void): void {
  if (program !== null) describe(title, body);
  else if (process.env['CI'] === undefined || process.env['CI'] === '') {
    console.warn(`SKIPPED "${title}": ${name} is not installed`);
    describe.skip(title, body);
  } else {
    it(`${title}: ${name} is installed`, () => {
      throw new Error(`${name} is missing`);
    });
  }
}
