import { describe, it } from '@jest/globals';
import { sharedData } from './repository.js';

/**
 * A `describe` that needs a file or folder of the shared test data; `body` gets its full path. Where it is missing the
 * block is skipped, and a line says so: a silent skip would look like a pass.
 */
export function describeWithData(path: string, title: string, body: (path: string) => void): void {
  const found = sharedData(path);
  if (found === null) {
    console.warn(`SKIPPED "${title}": ../shared/data/${path} is missing beside the repository`);
    // Not the body: what it reads while it is defined is not there.
    describe.skip(title, () => {
      it(`needs ../shared/data/${path}`, () => undefined);
    });
  } else {
    describe(title, () => body(found));
  }
}
