/** What a problem code means in HTTP: the status, and a title that never changes for the code (RFC 9457 §3.1.4). */
export interface ProblemMeaning {
  readonly status: number;
  readonly title: string;
  /** What whoever asked does now, where another request is not what helps. */
  readonly nextStep?: string;
}

/**
 * Every problem that the API answers with, by its stable code. The server's own catalogue must name every code that a
 * library can throw, or it does not compile; this table is that catalogue's content and the document's source.
 */
export const PROBLEMS = {
  // Requests
  'query-invalid': { status: 400, title: 'A parameter is unknown or has a wrong value' },
  'body-not-json': { status: 400, title: 'The body is not JSON' },
  'header-invalid': { status: 400, title: 'A header has a wrong value' },
  unauthenticated: { status: 401, title: 'A valid account key is needed' },
  forbidden: { status: 403, title: 'The account has no role that allows this' },
  'too-many-requests': {
    status: 429,
    title: 'The account asks too often',
    nextStep: 'wait for the time that Retry-After tells, then send the same request again',
  },
  'not-found': { status: 404, title: 'There is nothing here, or not for this account' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  'body-too-large': { status: 413, title: 'The body is larger than allowed' },
  'content-type-unsupported': { status: 415, title: 'The body must be application/json' },
  'body-invalid': { status: 422, title: 'The body breaks its schema' },
  'idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'idempotency-key-in-flight': { status: 409, title: 'A request with this Idempotency-Key is being worked on' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  unavailable: {
    status: 503,
    title: 'The database cannot be reached',
    nextStep: 'send the same request again in a few seconds',
  },
  'gateway-exists': { status: 409, title: 'A gateway of this name exists' },
  'gateway-model-invalid': { status: 422, title: 'The mapping of the gateway model cannot be used' },
  'gateway-key-exists': { status: 409, title: 'The gateway has a key of this id' },
  'gateway-key-invalid': { status: 422, title: 'The public key cannot be read, or is of another algorithm' },
  'logger-exists': { status: 409, title: 'The logger is registered with another interval' },
  'frame-unknown': { status: 404, title: 'No frame of this number is stored, or not for this account' },
  'frame-not-rooted': {
    status: 409,
    title: 'The frame is under no telemetry root yet',
    nextStep: 'ask again after the interval of the roots',
  },
  // Planning
  'csv-invalid': {
    status: 422,
    title: 'The file is no CSV with the needed columns',
    nextStep: 'send UTF-8 text with commas between fields, and the names of the columns in its first line',
  },
  'import-under-way': {
    status: 409,
    title: 'The same file is being imported',
    nextStep: 'send it again in a minute: what is complete by then is answered at once',
  },
  'jobs-waiting': {
    status: 409,
    title: 'Enough jobs wait already',
    nextStep: 'wait for one of them to end, or cancel it',
  },
  'site-has-custody': { status: 409, title: 'The stock of this site is known from custody and not counted' },
  'pack-of-other-article': { status: 409, title: 'A pack belongs to another article' },
  'article-unknown': {
    status: 404,
    title: 'The organisation has no article of this code',
    nextStep: 'name an article that is listed by GET /v1/articles, or the GTIN of a pack',
  },
  'prices-invalid': {
    status: 422,
    title: 'Rows of the price list are wrong',
    nextStep: 'correct these rows and send the whole list again: nothing of it was taken',
  },
  'share-with-itself': {
    status: 422,
    title: 'The stock of an organisation is known to itself',
    nextStep: 'name another organisation',
  },
  'share-unknown': { status: 404, title: 'The organisation shares no stock under this number' },
  // Logger files and profiles
  'file-empty': { status: 422, title: 'The file is empty' },
  'file-not-text': { status: 422, title: 'The file is not text' },
  'format-unknown': { status: 422, title: 'The file is of no known logger' },
  'line-invalid': { status: 422, title: 'A line of the file cannot be read' },
  'timestamp-invalid': { status: 422, title: 'A time in the file cannot be read' },
  'temperature-invalid': { status: 422, title: 'A temperature in the file cannot be read' },
  'humidity-invalid': { status: 422, title: 'A humidity in the file cannot be read' },
  'zone-invalid': { status: 422, title: 'A time zone cannot be read' },
  'unit-unsupported': { status: 422, title: 'The unit of temperatures is not supported' },
  'unit-missing': { status: 422, title: 'The file does not tell the unit of temperatures' },
  'clock-set-back': {
    status: 422,
    title: 'The clock of the logger was set back, or rows are not in order',
    nextStep: 'send the readings as CSV, with the time zone of each',
  },
  'interval-missing': { status: 422, title: 'The file does not tell how often the logger measured' },
  'section-missing': { status: 422, title: 'A part of the file is missing' },
  'logger-file-other-zone': { status: 409, title: 'The file is attached already, with another time zone' },
  'code-names-no-object': { status: 422, title: 'The code names no pack, batch or unit' },

  // Cases and decisions
  'case-decided': {
    status: 409,
    title: 'A decision stands',
    nextStep: 'add a comment or evidence; only what is measured later opens a case again',
  },
  'case-not-acknowledged': {
    status: 409,
    title: 'Nobody has taken notice of the newest alarm',
    nextStep: 'acknowledge the case with a reason first',
  },
  'case-active': {
    status: 409,
    title: 'An alarm of the case goes on',
    nextStep: 'bring the goods back within their limits; of a lost or faulty sensor name that cause and add evidence',
  },
  'case-cause-missing': { status: 409, title: 'No cause is named', nextStep: 'name the root cause first' },
  'case-evidence-missing': {
    status: 409,
    title: 'A lost or faulty sensor is shown by evidence only',
    nextStep: 'add a file that shows it',
  },
  'case-changed': {
    status: 409,
    title: 'The case is no longer what was shown',
    nextStep: 'read it again and decide on what it says now',
  },
  'case-not-released': {
    status: 409,
    title: 'A case of the goods is open or rejected',
    nextStep: 'decide the open case; goods of a rejected one stay held: name the other units only',
  },
  'case-goods-elsewhere': {
    status: 409,
    title: 'Goods of the unpacked unit are where the organisation cannot hold them',
    nextStep: 'call who received them and let them hold the goods; the case stays open',
  },
  'evaluation-not-confirmed': {
    status: 409,
    title: 'The newest temperatures are not evaluated yet',
    nextStep: 'ask again in a minute; if it stays, call your administrator',
  },
  'case-full': {
    status: 409,
    title: 'The case holds no more comments, files and assignments of the organisation',
    nextStep: 'decide it',
  },
  'account-unknown': {
    status: 404,
    title: 'The organisation has no such account',
    nextStep: 'take a name of GET /v1/users (coldchain user list)',
  },
  'password-missing': {
    status: 403,
    title: 'The account has no password to sign with',
    nextStep: 'ask who runs the platform to give the person one',
  },
  'password-wrong': { status: 403, title: 'The password is wrong', nextStep: 'type it again' },
  'password-locked': {
    status: 429,
    title: 'Too many wrong passwords',
    nextStep: 'wait for the time that is told, then type it again',
  },
  'unit-not-returned': {
    status: 409,
    title: 'The unit was with no customer',
    nextStep: 'goods that never left need no return',
  },
  'return-evidence-missing': {
    status: 409,
    title: 'Evidence is missing during the customer’s custody',
    nextStep: 'keep the goods apart; a logger file of the customer may close the gap',
  },
  'return-out-of-limits': {
    status: 409,
    title: 'The unit has been out of its limits',
    nextStep: 'keep the goods apart and let quality decide the case',
  },
  'too-many-streams': {
    status: 429,
    title: 'Too many streams are open',
    nextStep: 'close one, or try again later',
  },

  // GS1 codes and keys
  'code-empty': { status: 422, title: 'There is no code' },
  'code-unrecognised': { status: 422, title: 'The code is of no known form' },
  'length-wrong': { status: 422, title: 'A key has the wrong length' },
  'character-invalid': { status: 422, title: 'A character is not allowed here' },
  'check-digit-wrong': { status: 422, title: 'The check digit does not fit the other digits' },
  'date-invalid': { status: 422, title: 'A date does not exist' },
  'time-invalid': { status: 422, title: 'A time does not exist' },
  'value-invalid': { status: 422, title: 'A value is outside of its format' },
  'application-identifier-unknown': { status: 422, title: 'An Application Identifier is unknown' },
  'application-identifier-repeated': { status: 422, title: 'An Application Identifier stands twice' },
  'application-identifier-conflict': { status: 422, title: 'Two Application Identifiers exclude each other' },
  'separator-missing': { status: 422, title: 'The separator between two elements is missing: check the scanner' },
  'scanner-set-up-wrong': { status: 422, title: 'The scanner is set up wrong' },
  'percent-encoding-invalid': { status: 422, title: 'A percent-encoding is broken' },
  'digital-link-key-missing': { status: 422, title: 'The Digital Link holds no key' },
  'digital-link-qualifier-wrong': { status: 422, title: 'A qualifier does not fit the key of the Digital Link' },
  'digital-link-compressed': { status: 422, title: 'Compressed Digital Links are not supported' },
  'epc-urn-invalid': { status: 422, title: 'The EPC URN breaks its grammar' },

  // Acts that name something which is not known here
  'product-unknown': { status: 404, title: 'The product or profile version is not known' },
  'product-not-owned': { status: 403, title: 'The product belongs to another organisation' },
  'logger-unknown': { status: 404, title: 'The logger is not registered' },
  'logger-bound': { status: 409, title: 'The logger watches another unit' },
  'logger-not-bound': { status: 409, title: 'The logger does not watch this unit' },
  'logger-ambiguous': { status: 409, title: 'Several loggers come with the contents: name the one that stays' },
  'pack-unknown': { status: 404, title: 'The pack is not registered, or not known here' },
  'pack-repeated': { status: 422, title: 'A pack is named twice' },
  'pack-not-in-unit': { status: 409, title: 'The pack lies in no unit of yours' },
  'unit-watched': { status: 409, title: 'As many loggers watch the unit as one may have: unbind one first' },
  'logger-in-place': { status: 409, title: 'The logger watches a place: remove it there first' },
  'logger-not-in-place': { status: 409, title: 'The logger does not watch that place' },
  'place-unknown': { status: 404, title: 'No place of this name is registered: register it first' },
  'place-exists-differently': {
    status: 409,
    title: 'The name or identifier belongs to another place: choose another name',
  },
  'unit-not-in-place': { status: 409, title: 'The unit is not recorded in any place' },
  'packaging-unknown': { status: 404, title: 'No packaging of this name is registered: register it first' },
  'packaging-range-invalid': { status: 422, title: 'The lowest temperature is not below the highest one' },
  'packaging-exists-differently': {
    status: 409,
    title: 'A packaging of this name is registered with other values: a new study needs a new name',
  },
  'lot-exists': { status: 409, title: 'The lot is registered' },
  'sscc-exists': { status: 409, title: 'The SSCC is in use' },
  'version-not-next': { status: 409, title: 'Profile versions have no holes' },
  'shipment-unknown': { status: 404, title: 'The shipment is not known here' },
  'organisation-unknown': { status: 404, title: 'The organisation is not known' },
  'organisation-exists': { status: 409, title: 'Slug or party stands for another organisation' },
  'until-passed': { status: 422, title: 'The end of the access has passed' },
  'event-recorded-otherwise': {
    status: 409,
    title: 'The same event stands for another act',
    nextStep: 'record it with the time at which it happened',
  },

  // What the contract refuses (ledger protocol)
  'payload-invalid': { status: 422, title: 'The command breaks its schema' },
  'too-many-objects': { status: 422, title: 'One event carries at most 50 objects' },
  'object-repeated': { status: 422, title: 'An object is named twice' },
  'party-unknown': { status: 409, title: 'The organisation is not registered on the ledger' },
  'party-suspended': { status: 403, title: 'The organisation is suspended' },
  'party-exists-differently': { status: 409, title: 'The party is registered differently' },
  'role-missing': { status: 403, title: 'The organisation lacks the role on the ledger' },
  'prefix-not-owned': { status: 403, title: 'The GS1 company prefix belongs to another party' },
  'profile-unknown': { status: 404, title: 'The product profile is not known' },
  'profile-exists-differently': { status: 409, title: 'The profile version was published differently' },
  'batch-unknown': { status: 404, title: 'The batch is not registered, or not known here' },
  'batch-exists': { status: 409, title: 'The batch is registered' },
  'batch-not-owned': {
    status: 403,
    title: 'The batch belongs to another organisation',
    nextStep: 'ask its owner',
  },
  'batch-not-certified': {
    status: 409,
    title: 'The batch is not certified',
    nextStep: 'do not supply or dispense: ask the manufacturer for the certification',
  },
  'batch-recalled': {
    status: 409,
    title: 'The batch is recalled',
    nextStep: 'do not supply or dispense: put the goods aside and follow the recall notice',
  },
  'batch-expired': {
    status: 409,
    title: 'The batch is expired',
    nextStep: 'do not supply or dispense: put the goods with those for destruction',
  },
  'batch-already-certified': { status: 409, title: 'The batch is certified' },
  'unit-unknown': { status: 404, title: 'The unit is not registered, or not known here' },
  'unit-exists': { status: 409, title: 'The unit exists' },
  'unit-dissolved': { status: 409, title: 'The unit was unpacked completely' },
  'unit-in-parent': { status: 409, title: 'The unit lies in another unit, which speaks for it' },
  'unit-not-child': { status: 409, title: 'The unit does not lie in that unit' },
  'unit-in-transit': {
    status: 409,
    title: 'The unit is in transit',
    nextStep: 'record the receipt of the unit first',
  },
  'unit-not-in-transit': { status: 409, title: 'The unit is not in transit' },
  'unit-held': {
    status: 409,
    title: 'The unit is quarantined',
    nextStep: 'keep the goods in quarantine and call quality: only a released hold lets them be moved or used',
  },
  'unit-empty': { status: 422, title: 'A unit needs contents' },
  'not-custodian': {
    status: 403,
    title: 'The organisation is not the custodian',
    nextStep: 'record the receipt if the goods lie before you, or ask the party that holds them',
  },
  'not-named-receiver': { status: 403, title: 'The organisation is not the named receiver' },
  'receiver-unknown': { status: 422, title: 'The receiver is not known' },
  'leg-not-of-caller': { status: 403, title: 'The leg belongs to another party' },
  'leg-revision-not-rising': { status: 409, title: 'The leg has a later revision' },
  'exposure-profile-mismatch': { status: 409, title: 'The exposure does not fit the profiles of the unit' },
  'pack-already-decommissioned': {
    status: 409,
    title: 'The pack was dispensed or decommissioned before',
    nextStep: 'do not dispense: put the pack aside as suspected and call your responsible person',
  },
  'pack-not-of-batch': {
    status: 409,
    title: 'The pack does not belong to the batch',
    nextStep: 'put the pack aside as suspected, check its code and call your responsible person',
  },
  'pack-not-in-unit-batches': { status: 409, title: 'The unit holds no pack of this batch' },
  'party-suspends-itself': { status: 409, title: 'A regulator cannot suspend itself' },
  'batch-not-recalled': { status: 409, title: 'The batch is not recalled' },
  'recall-not-of-caller': { status: 403, title: 'The recall is for another party to lift' },
  'unit-not-claimed': { status: 409, title: 'Nobody else claims the unit' },
  'hold-unknown': { status: 404, title: 'The unit has no such hold' },
  'hold-kind-not-allowed': { status: 403, title: 'The organisation may not place a hold of this kind' },
  'hold-not-of-caller': { status: 403, title: 'The hold is for another party to release' },
  'hold-not-assessed': {
    status: 409,
    title: 'An owner has not found the goods usable after what they have been through',
    nextStep: 'let every owner of a batch in the unit assess them, then decide again',
  },
  'pack-not-decommissioned': { status: 409, title: 'The pack is not decommissioned' },
  'decommission-not-of-caller': { status: 403, title: 'Another party decommissioned the pack' },
  'decommission-final': { status: 409, title: 'What was destroyed or stolen cannot be reverted' },
  'revert-window-over': { status: 409, title: 'The time in which this can be reverted is over' },
  'device-unknown': { status: 404, title: 'The device is not registered' },
  'device-exists-differently': { status: 409, title: 'The device is registered differently' },
  'device-not-owned': { status: 403, title: 'The device belongs to another organisation' },
  'device-revoked': { status: 409, title: 'The device is out of use' },
  'device-bound': { status: 409, title: 'The device measures another unit' },
  'device-not-bound': { status: 409, title: 'The device does not measure this unit' },
  'device-calibration-overdue': { status: 409, title: 'The calibration of the device is overdue' },
  'access-unknown': { status: 404, title: 'There is no such grant of access' },
  'log-not-of-caller': { status: 403, title: 'The log belongs to another party' },
  'root-exists-differently': { status: 409, title: 'Another root stands at this place of the log' },
  'root-not-next': { status: 409, title: 'The log has no root before this one' },
  'root-previous-mismatch': { status: 409, title: 'The root before this one is another' },
  'root-window-wrong': { status: 422, title: 'The window ends before it begins, or overlaps the one before' },
  'event-in-future': { status: 422, title: 'The event lies in the future' },
  'event-before-previous': { status: 409, title: 'The event lies before the previous one of the object' },
  'commitment-reused': { status: 409, title: 'The commitment stands for another event' },
} as const satisfies Record<string, ProblemMeaning>;

/** The stable code of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;
export const PROBLEM_CODES = Object.keys(PROBLEMS) as readonly ProblemCode[];

/** Whether a text is a {@link ProblemCode}. */
export const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** The next step of a code, as a member of its problem. */
export function problemNextStep(code: ProblemCode): { readonly nextStep?: string } {
  const { nextStep }: ProblemMeaning = PROBLEMS[code];
  return nextStep === undefined ? {} : { nextStep };
}

/** The page that explains a code; a relative reference (RFC 9457 §3.1.1). */
export const problemType = (code: ProblemCode): string => `/docs#problem-${code}`;
