/** Asks the API; the key lives in this tab's session storage only. */

const KEY = 'coldchain.key';

export const account = {
  get key() {
    return sessionStorage.getItem(KEY) ?? '';
  },
  set key(value) {
    if (value === '') sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, value);
  },
};

/** An answer that is not 2xx: an RFC 9457 problem, or none at all (`code` is `unreachable`). */
export class Refused extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

const PATIENCE_MS = 8000;

/** GETs JSON. @throws Refused */
export async function get(path, parameters = {}, key = account.key) {
  const query = new URLSearchParams(parameters).toString();
  const headers = key === '' ? {} : { authorization: `Bearer ${key}` };
  let response;
  let body;
  try {
    response = await fetch(query === '' ? path : `${path}?${query}`, {
      headers,
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    body = await response.json();
  } catch {
    throw new Refused({ code: 'unreachable', title: 'The service cannot be reached', status: 0 });
  }
  if (!response.ok) throw new Refused(body);
  return body;
}
