import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiDocument } from '@coldchain/api-contract';
import { Clock } from '@coldchain/kernel';
import { Health, Metrics } from '@coldchain/runtime';
import { Controller, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ApiOptions } from '../api-options.js';
import { ASSETS_FOLDER, VERSION } from '../package-facts.js';
import { Operation } from '../http/operation.decorator.js';
import { Reply } from '../http/reply.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';

/** Probes, figures, the reference document and the pages. */
@Controller()
export class OperationController {
  private readonly startedAt: number;
  private readonly document = openApiDocument({ version: VERSION });

  constructor(
    private readonly options: ApiOptions,
    private readonly health: Health,
    private readonly figures: Metrics,
    clock: Clock,
  ) {
    this.startedAt = clock.now();
  }

  @Operation('livez')
  live(): unknown {
    return this.health.live().body;
  }

  @Operation('readyz')
  async ready(): Promise<Reply> {
    const { status, body } = await this.health.ready();
    return new Reply(body, { status });
  }

  @Operation('metrics')
  async metrics(@Res({ passthrough: true }) response: Response): Promise<string> {
    response.set('Content-Type', this.figures.contentType);
    return this.figures.text();
  }

  @Operation('version')
  version(): unknown {
    return {
      name: 'coldchain-api',
      version: VERSION,
      mode: this.options.mode,
      ledger: this.options.ledger,
      startedAt: new Date(this.startedAt).toISOString(),
    };
  }

  @Operation('openApi')
  openApi(): unknown {
    return this.document;
  }

  @Operation('docs')
  docs(): Promise<string> {
    return readFile(join(ASSETS_FOLDER, 'docs.html'), 'utf8');
  }

  @Operation('home')
  home(): Promise<string> {
    return readFile(join(ASSETS_FOLDER, 'index.html'), 'utf8');
  }

  @Operation('planningPage')
  planning(): Promise<string> {
    return readFile(join(ASSETS_FOLDER, 'planning.html'), 'utf8');
  }

  /**
   * Samples carry a demonstration key: they are given to this machine only, and only where a demonstration wrote them.
   * @throws RequestProblem `not-found`
   */
  @Operation('demoSamples')
  async samples(@Req() request: ContextRequest): Promise<string> {
    const { demo, mode, dataDir } = this.options;
    if (demo !== 'on' || mode !== 'development' || !isLocal(request)) throw noDemonstration();
    try {
      return await readFile(join(dataDir, 'demo-samples.json'), 'utf8');
    } catch {
      // Without the file there is no demonstration, whatever the reason.
      throw noDemonstration();
    }
  }
}

/** From this machine, and under its own name: a name that a stranger's page made point here is not enough. */
function isLocal(request: ContextRequest): boolean {
  const peer = /^(?:127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '');
  return peer && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(request.headers.host ?? '');
}

const noDemonstration = (): RequestProblem => new RequestProblem('not-found', 'no demonstration is running here');
