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
const FILE_PATIENCE_MS = 1_800_000;

/** GETs JSON. @throws Refused */
export function get(path, parameters = {}, key = account.key) {
  const query = new URLSearchParams(parameters).toString();
  return send(query === '' ? path : `${path}?${query}`, key, {});
}

/** GETs a list with its first pages, up to a number of them (RFC 8288). `more` tells that there are others. @throws Refused */
export async function getPages(path, parameters, pages) {
  const bodies = [];
  let next = `${path}?${new URLSearchParams(parameters).toString()}`;
  while (next !== null && bodies.length < pages) {
    const { body, link } = await sendFor(next, account.key, {});
    bodies.push(body);
    next = /<([^>]+)>; *rel="next"/.exec(link ?? '')?.[1] ?? null;
  }
  return { bodies, more: next !== null };
}

/** GETs every page of a list, one after another, and joins what stands under `name`. @throws Refused */
export async function getAll(path, name, parameters = {}) {
  const { bodies } = await getPages(path, parameters, Number.POSITIVE_INFINITY);
  return bodies.flatMap((body) => body[name]);
}

/** POSTs JSON; with a key of its own, so that what the network repeats is done once. @throws Refused */
export function post(path, body, key = crypto.randomUUID()) {
  return send(path, account.key, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
  });
}

/** POSTs a file as it is: a large one over a slow line takes its time. @throws Refused */
export function postFile(path, type, file) {
  return send(path, account.key, {
    method: 'POST',
    body: file,
    headers: { 'content-type': type },
    signal: AbortSignal.timeout(FILE_PATIENCE_MS),
  });
}

/** GETs a file. @throws Refused */
export async function getFile(path) {
  const response = await fetch(path, { headers: { authorization: `Bearer ${account.key}` }, cache: 'no-store' });
  if (!response.ok) throw new Refused(await response.json());
  return response.blob();
}

const send = async (path, key, options) => (await sendFor(path, key, options)).body;

async function sendFor(path, key, options) {
  let response;
  let body;
  try {
    response = await fetch(path, {
      ...options,
      headers: { ...options.headers, ...(key === '' ? {} : { authorization: `Bearer ${key}` }) },
      cache: 'no-store',
      signal: options.signal ?? AbortSignal.timeout(PATIENCE_MS),
    });
    body = await response.json();
  } catch {
    throw new Refused({ code: 'unreachable', title: 'The service cannot be reached', status: 0 });
  }
  if (!response.ok) throw new Refused(body);
  return { body, link: response.headers.get('link') };
}

/** A refusal in one sentence, with what helps. */
export function refusalText(error) {
  if (!(error instanceof Refused)) return 'This page failed.';
  const { title, detail, nextStep } = error.problem;
  return `${title}${detail === undefined ? '' : `: ${detail}`}.${nextStep === undefined ? '' : ` Next: ${nextStep}.`}`;
}
