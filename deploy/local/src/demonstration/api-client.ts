import { createHash } from 'node:crypto';
import type { AccountRole } from '../first-start/organisations.js';
import type { DemonstrationContext } from './demonstration.js';

/** Asks the API as one of the demonstration's accounts. */
export class ApiClient {
  constructor(private readonly context: Pick<DemonstrationContext, 'apiUrl' | 'accounts' | 'signal'>) {}

  /**
   * POSTs `body`; the idempotency key follows from what is asked, so that a demonstration that was interrupted can be
   * told again from the start.
   * @throws Error with the problem's code when the answer is not 2xx
   */
  post<Answer>(organisation: string, role: AccountRole, path: string, body: unknown): Promise<Answer> {
    return this.send(organisation, role, path, body, {});
  }

  /**
   * POSTs an act and waits until it is on the ledger.
   * @throws Error as {@link post}, also when the ledger refuses
   */
  async postAnchored(organisation: string, role: AccountRole, path: string, body: unknown): Promise<void> {
    for (let anchor = 'pending'; anchor !== 'anchored';) {
      ({ anchor } = await this.send<{ anchor: string }>(organisation, role, path, body, { prefer: 'wait=10' }));
    }
  }

  /**
   * POSTs a list in CSV; the same list counts once.
   * @throws Error as {@link post}
   */
  async postCsv(organisation: string, role: AccountRole, path: string, csv: string): Promise<void> {
    await this.exchange(organisation, role, path, csv, { 'content-type': 'text/csv' });
  }

  private async send<Answer>(
    organisation: string,
    role: AccountRole,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const text = JSON.stringify(body);
    return this.exchange<Answer>(organisation, role, path, text, {
      ...headers,
      'content-type': 'application/json',
      'idempotency-key': createHash('sha256').update(`${organisation} ${path} ${text}`).digest('hex'),
    });
  }

  private async exchange<Answer>(
    organisation: string,
    role: AccountRole,
    path: string,
    text: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const response = await fetch(`${this.context.apiUrl}${path}`, {
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${this.keyOf(organisation, role)}` },
      body: text,
      signal: this.context.signal,
    });
    if (!response.ok) {
      throw new Error(
        `demonstration: POST ${path} as ${organisation} answered ${response.status}: ${await response.text()}`,
      );
    }
    return (await response.json()) as Answer;
  }

  /** The key of an account. @throws Error when the data folder has no such account */
  keyOf(organisation: string, role: AccountRole): string {
    const account = this.context.accounts.find((entry) => entry.organisation === organisation && entry.role === role);
    if (account === undefined) throw new Error(`demonstration: no account of ${organisation} with role ${role}`);
    return account.apiKey;
  }
}
