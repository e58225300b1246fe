import { post, refusalText } from './api.js';
import { element } from './dom.js';

const CAUSES = {
  'equipment-failure': 'Equipment failure',
  'door-left-open': 'Door left open',
  'power-failure': 'Power failure',
  'handling-error': 'Handling error',
  'transport-delay': 'Transport delay',
  'packaging-failure': 'Packaging failure',
  'sensor-lost': 'Sensor lost (needs a file)',
  'sensor-faulty': 'Sensor faulty (needs a file)',
  other: 'Other',
};
/** Of a file that is sent as text. */
const MOST_BYTES = 700_000;

let fields = 0;

/** A labelled control; the label is tied to it by an id. */
function field(label, control) {
  control.id = `field-${++fields}`;
  return element('p', { class: 'field' }, element('label', { for: control.id }, label), control);
}

const words = (name) => element('textarea', { name, rows: 2, maxlength: 1000, required: '' });
const choice = (name, options) =>
  element(
    'select',
    { name, required: '' },
    element('option', { value: '' }, 'Choose …'),
    ...Object.entries(options).map(([value, text]) => element('option', { value }, text)),
  );

/** Every form of a case: who may use it, when, what it asks, and what it sends. */
const FORMS = [
  {
    part: 'acknowledgement',
    title: 'Acknowledge',
    may: ({ actions, party }) => actions.includes('handle-case') && party,
    when: ({ decision, acknowledged }) => decision === null && !acknowledged,
    fields: () => [field('Why it may wait, or what is done', words('reason'))],
  },
  {
    part: 'cause',
    title: 'Name the cause',
    may: ({ actions, party }) => actions.includes('handle-case') && party,
    when: ({ decision }) => decision === null,
    fields: () => [field('Cause', choice('cause', CAUSES)), field('How it is known', words('reason'))],
  },
  {
    part: 'comments',
    title: 'Comment',
    may: ({ actions }) => actions.includes('comment-case'),
    when: () => true,
    fields: () => [field('Comment', words('text'))],
  },
  {
    part: 'assignment',
    title: 'Assign',
    may: ({ actions, party }) => actions.includes('handle-case') && party,
    when: ({ decision }) => decision === null,
    fields: () => [
      field(
        'Account of your organisation',
        element('input', { name: 'to', maxlength: 200, required: '', list: 'users', autocomplete: 'off' }),
      ),
    ],
  },
  {
    part: 'evidence',
    title: 'Add a file',
    may: ({ actions }) => actions.includes('comment-case'),
    when: () => true,
    fields: () => [field('File, at most 700 kB', element('input', { name: 'file', type: 'file', required: '' }))],
    body: async (data) => evidenceOf(data.get('file')),
  },
  {
    part: 'assessment',
    title: 'Assess as the owner of the goods',
    may: ({ actions, owner }) => actions.includes('assess-hold') && owner,
    when: ({ holds }) => holds.some(({ kind }) => kind === 'thermal'),
    fields: () => [
      field('Conclusion', choice('conclusion', { usable: 'Usable', 'not-usable': 'Not usable' })),
      field('Why', words('reason')),
    ],
  },
  {
    part: 'decision',
    title: 'Decide as the Responsible Person',
    may: ({ actions, custodian }) => actions.includes('decide-case') && custodian,
    when: ({ decision }) => decision === null,
    fields: () => [
      field(
        'Decision',
        choice('decision', { release: 'Release: the goods may be used', reject: 'Reject: the goods are not used' }),
      ),
      field('Why', words('reason')),
      field(
        'Your password',
        element('input', { name: 'password', type: 'password', autocomplete: 'off', maxlength: 200, required: '' }),
      ),
      element(
        'p',
        { class: 'hint' },
        'You sign what is shown above. If it has changed by the time you send, you are asked again.',
      ),
    ],
    body: async (data, { digest }) => ({ ...Object.fromEntries(data), shown: digest }),
  },
];

/** The forms of a case, closed and hidden until it is known who asks. */
export function caseForms(view) {
  const forms = FORMS.map((definition) => {
    const form = element('form', {}, ...definition.fields(), element('button', { type: 'submit' }, definition.title));
    const node = element('details', { class: 'act', hidden: '' }, element('summary', {}, definition.title), form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void submit(view, definition, form, node);
    });
    return { definition, node };
  });
  return { forms, node: element('div', { class: 'acts' }, ...forms.map(({ node }) => node)) };
}

/** Shows the forms that the one who asks may use now. */
export function updateForms({ forms }, detail, me) {
  const { slug } = me.organisation;
  const asker = {
    actions: me.actions,
    custodian: detail.custodian === slug,
    party: detail.custodian === slug || detail.organisation === slug,
    owner: detail.budgets.some(({ owner }) => owner === slug),
  };
  for (const { definition, node } of forms) node.hidden = !(definition.may(asker) && definition.when(detail));
}

async function submit(view, { part, body }, form, node) {
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const data = new FormData(form);
    const sent = body === undefined ? Object.fromEntries(data) : await body(data, view.detail);
    const { entry, holds, untold } = await send(view, part, sent);
    view.refused = false;
    view.status.textContent = `Recorded as entry ${entry}.${holds.length > 0 ? ' The ledger is told.' : ''}${untold === null ? '' : ` Not told to the ledger: ${untold}`}`;
    form.reset();
    node.open = false;
    document.dispatchEvent(new Event('coldchain:changed'));
  } catch (error) {
    // That the case is another one by now must still stand there when the new one is shown.
    view.refused = error.problem?.code !== 'case-changed';
    view.status.textContent = error instanceof TooLarge ? error.message : refusalText(error);
    // A wrong password is not kept in the field.
    for (const secret of form.querySelectorAll('[type=password]')) secret.value = '';
    document.dispatchEvent(new Event('coldchain:changed'));
  } finally {
    button.disabled = false;
  }
}

/**
 * Sends a change. When no answer came, it may have been recorded: the same again, whatever the case says by now, goes under
 * the same key and is recorded once.
 */
async function send(view, part, sent) {
  const { shown: _shown, password: _password, ...typed } = sent;
  const text = JSON.stringify([part, typed]);
  const again = view.unanswered?.text === text ? view.unanswered : null;
  const key = again?.key ?? crypto.randomUUID();
  const body = again === null ? sent : { ...sent, shown: again.shown };
  view.unanswered = null;
  try {
    return await post(`/v1/cases/${view.detail.id}/${part}`, body, key);
  } catch (error) {
    if (error.problem?.code === 'unreachable') view.unanswered = { text, key, shown: body.shown };
    throw error;
  }
}

class TooLarge extends Error {}

async function evidenceOf(file) {
  if (file.size > MOST_BYTES) throw new TooLarge(`The file has ${file.size} bytes; at most ${MOST_BYTES} are kept.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  const mediaType = /^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(file.type) ? file.type : 'application/octet-stream';
  return { name: file.name, mediaType, content: btoa(text) };
}
