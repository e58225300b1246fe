import { byId, element, withCode } from './dom.js';

/** The reference page: openapi.json, written out. */

const document_ = await (await fetch('/openapi.json', { cache: 'no-store' })).json();
const { info, paths, components } = document_;
byId('introduction').replaceChildren(...withCode(`${info.description} Version ${info.version}.`));

const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);
const groups = [...new Set(operations.map((operation) => operation.tags[0]))];

byId('groups').replaceChildren(
  ...groups.map((group) => element('li', {}, element('a', { href: `#group-${group}` }, group))),
);
byId('operations').replaceChildren(
  ...groups.map((group) =>
    element(
      'section',
      { class: 'card', id: `group-${group}` },
      element('h2', {}, group),
      ...operations.filter((operation) => operation.tags[0] === group).map(showOperation),
    ),
  ),
);
byId('problems').replaceChildren(...problemTable());
// The page was empty when the browser looked for the fragment.
if (location.hash.length > 1) byId(location.hash.slice(1))?.scrollIntoView();

function showOperation(operation) {
  const body = operation.requestBody?.content['application/json'];
  return element(
    'article',
    { class: 'operation', id: operation.operationId },
    element('h3', { class: 'code' }, `${operation.method} ${operation.path}`),
    element('p', {}, ...withCode(operation.summary)),
    element('p', { class: 'hint' }, ...withCode(operation.description)),
    operation.parameters.length === 0 ? null : parameterTable(operation.parameters),
    body === undefined ? null : block('Request body', body.schema, body.example),
    ...Object.entries(operation.responses)
      .filter(([status]) => Number(status) < 300)
      .map(([status, response]) => showSuccess(status, response)),
    element(
      'details',
      {},
      element('summary', {}, 'Problems'),
      ...Object.entries(operation.responses)
        .filter(([status]) => Number(status) >= 300)
        .map(([status, response]) =>
          element('p', {}, element('strong', {}, `${status}: `), ...withCode(response.description)),
        ),
    ),
  );
}

function parameterTable(parameters) {
  return element(
    'table',
    {},
    head(['Parameter', 'In', 'Meaning']),
    element(
      'tbody',
      {},
      ...parameters.map(({ name, in: place, required, description, example }) =>
        row([
          element('span', { class: 'code' }, name),
          required ? `${place}, required` : place,
          withCode([description ?? '', example === undefined ? '' : ` For example: \`${example}\``].join('')),
        ]),
      ),
    ),
  );
}

function showSuccess(status, response) {
  const content = response.content['application/json'];
  return content?.schema?.$ref === undefined
    ? element('p', {}, element('strong', {}, `${status}: `), ...withCode(response.description))
    : block(`${status}: ${response.description}`, content.schema, content.example);
}

function block(title, schema, example) {
  const name = schema.$ref?.split('/').at(-1);
  const resolved = name === undefined ? schema : components.schemas[name];
  return element(
    'details',
    {},
    element('summary', {}, ...withCode(title)),
    example === undefined ? null : element('pre', {}, JSON.stringify(example, null, 2)),
    element('pre', {}, JSON.stringify(resolved, null, 2)),
  );
}

/** Every code once, with its status, from the examples of all operations. */
function problemTable() {
  const codes = new Map();
  for (const operation of operations) {
    for (const response of Object.values(operation.responses)) {
      for (const { value } of Object.values(response.content['application/problem+json']?.examples ?? {})) {
        codes.set(value.code, value);
      }
    }
  }
  const sorted = [...codes.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  return [
    head(['Code', 'Status', 'Meaning and next step']),
    element(
      'tbody',
      {},
      ...sorted.map(({ code, status, title, nextStep }) =>
        row(
          [
            element('span', { class: 'code' }, code),
            String(status),
            `${title}.${nextStep === undefined ? '' : ` Next: ${nextStep}.`}`,
          ],
          `problem-${code}`,
        ),
      ),
    ),
  ];
}

function head(names) {
  return element('thead', {}, element('tr', {}, ...names.map((name) => element('th', { scope: 'col' }, name))));
}

function row(cells, id) {
  return element('tr', { id }, ...cells.map((cell) => element('td', {}, ...[cell].flat())));
}
