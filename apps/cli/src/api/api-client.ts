import { randomUUID } from 'node:crypto';
import { CliError } from '../cli-error.js';
import type { ApiAccess } from './credentials.js';

const TIMEOUT_MS = 30_000;
/** A large file over a slow line. */
const FILE_TIMEOUT_MS = 1_800_000;

/** An RFC 9457 problem as far as it is shown. */
interface Problem {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly nextStep?: string;
}

/** The HTTP API as the command line uses it. */
export class ApiClient {
  constructor(private readonly access: ApiAccess) {}

  /** @throws CliError with the problem's code, or `api-unreachable` */
  get(path: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> {
    const search = new URLSearchParams(query).toString();
    return this.send('GET', search === '' ? path : `${path}?${search}`);
  }

  /** Every page of a list, one after another. @throws CliError as {@link get} */
  async *pages(path: string, query: Readonly<Record<string, string>> = {}): AsyncGenerator<unknown, void> {
    let next: string | null = `${path}?${new URLSearchParams({ limit: '200', ...query }).toString()}`;
    while (next !== null) {
      const { answer, headers } = await this.exchange(next, { method: 'GET' }, TIMEOUT_MS);
      yield answer;
      next = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? null;
    }
  }

  /** POSTs a file as it is. @throws CliError as {@link get} */
  async postFile(path: string, contentType: string, body: Blob | ReadableStream<Uint8Array>): Promise<unknown> {
    const headers = { 'content-type': contentType };
    const { answer } = await this.exchange(path, { method: 'POST', headers, body, duplex: 'half' }, FILE_TIMEOUT_MS);
    return answer;
  }

  /** With an Idempotency-Key of its own, so that a repeated attempt of the transport does nothing twice. */
  post(path: string, body: unknown): Promise<unknown> {
    return this.send('POST', path, body);
  }

  delete(path: string): Promise<unknown> {
    return this.send('DELETE', path);
  }

  private async send(method: string, path: string, body?: unknown): Promise<unknown> {
    const sent =
      body === undefined
        ? {}
        : {
            headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
            body: JSON.stringify(body),
          };
    return (await this.exchange(path, { method, ...sent }, TIMEOUT_MS)).answer;
  }

  private async exchange(
    path: string,
    { headers, ...sent }: RequestInit,
    timeoutMs: number,
  ): Promise<{ readonly answer: unknown; readonly headers: Headers }> {
    let response: Response;
    try {
      response = await fetch(`${this.access.url}${path}`, {
        ...sent,
        headers: { authorization: `Bearer ${this.access.key}`, accept: 'application/json', ...headers },
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      const reason = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new CliError(
        'api-unreachable',
        `${this.access.url} does not answer (${reason})`,
        'start the server or set CCT_API_URL',
        2,
      );
    }
    const answer = await content(response);
    if (response.ok) return { answer, headers: response.headers };
    throw refused(response.status, answer as Problem | null);
  }
}

async function content(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy answers in HTML: its status says enough.
    return null;
  }
}

function refused(status: number, problem: Problem | null): CliError {
  const code = problem?.code ?? `http-${status}`;
  const title = problem?.title ?? `HTTP status ${status}`;
  const text = problem?.detail === undefined ? title : `${title}: ${problem.detail}`;
  const nextStep = problem?.nextStep ?? (status === 401 ? 'check CCT_API_KEY or --as' : 'correct the request');
  return new CliError(code, text, nextStep, status >= 500 ? 2 : 1);
}
