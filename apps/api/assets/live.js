import { account } from './api.js';

/** Wait before a stream that ended is asked for again; longer each time up to the last. */
const WAITS_MS = [1000, 2000, 5000, 15000];

/**
 * Follows the server-sent events of the organisation; `changed` is told of each. EventSource sends no key, so the stream is
 * read as what it is: text. What is missed while away is told by the id of the last event.
 */
export class Live {
  #stopping = new AbortController();
  #lastId = '';

  constructor(changed, connected) {
    this.changed = changed;
    this.connected = connected;
  }

  /** Begins, or begins again for another key. */
  restart() {
    this.#stopping.abort();
    this.#stopping = new AbortController();
    this.#lastId = '';
    if (account.key !== '') void this.#follow(this.#stopping.signal);
  }

  async #follow(signal) {
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.#read(signal, () => {
          failures = 0;
        });
      } catch {
        // away for a moment: it is asked again, and the page asks by itself meanwhile
      }
      if (signal.aborted) return;
      this.connected(false);
      await new Promise((resolve) => {
        setTimeout(resolve, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]);
      });
      failures++;
    }
  }

  async #read(signal, begun) {
    const headers = { authorization: `Bearer ${account.key}` };
    if (this.#lastId !== '') headers['last-event-id'] = this.#lastId;
    const response = await fetch('/v1/stream', { headers, cache: 'no-store', signal });
    if (response.status === 401 || response.status === 403) this.#stopping.abort();
    if (!response.ok) return;
    begun();
    this.connected(true);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      const blocks = (text + value).split('\n\n');
      text = blocks.pop();
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block) {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s).slice(0, 2)));
    if (fields.id !== undefined) this.#lastId = fields.id;
    if (fields.event === undefined || fields.event === 'ready') return;
    this.changed(fields.event, JSON.parse(fields.data));
  }
}
