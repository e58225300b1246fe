import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RequestProblem } from '../http/request-problem.js';
import type { ContextRequest } from '../http/request-context.js';
import type { DemandFile } from './demand-import.js';

/** A list of ten million rows. */
const MOST_BYTES = 512 * 1024 * 1024;

/**
 * Puts the body of a request into a file, for as long as `work` takes: what comes slowly must not keep a transaction open,
 * and its digest is known before anything is stored.
 * @throws RequestProblem `content-type-unsupported`, `body-too-large`
 */
export async function withReceivedFile<Result>(
  request: ContextRequest,
  work: (file: DemandFile) => Promise<Result>,
): Promise<Result> {
  if (request.is('text/csv') === false) {
    throw new RequestProblem('content-type-unsupported', 'send the body as text/csv');
  }
  const folder = await mkdtemp(join(tmpdir(), 'coldchain-'));
  try {
    const path = join(folder, 'body');
    const hash = createHash('sha256');
    let bytes = 0;
    const measured = new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length;
        hash.update(chunk);
        done(
          bytes > MOST_BYTES ? new RequestProblem('body-too-large', `a file may have ${MOST_BYTES} bytes`) : null,
          chunk,
        );
      },
    });
    await pipeline(request, measured, createWriteStream(path, { mode: 0o600 })).catch((error: unknown) => {
      throw request.complete ? error : new RequestProblem('csv-invalid', 'the file ended before it was complete');
    });
    return await work({ path, sha256: hash.digest() });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
