const REFUSALS = {
  'not-found': [404, 'There is nothing at this path', {}],
  'method-not-allowed': [405, 'Frames are posted', { allow: 'POST' }],
  'credentials-missing': [
    401,
    'HTTP Basic with organisation/gateway is needed',
    { 'www-authenticate': 'Basic realm="coldchain gateways"' },
  ],
  'gateway-refused': [
    401,
    'Unknown gateway or wrong password',
    { 'www-authenticate': 'Basic realm="coldchain gateways"' },
  ],
  'body-too-large': [413, 'More than 1 MiB', { connection: 'close' }],
  'too-busy': [503, 'Too much waits, send it again', { 'retry-after': '5' }],
  'not-stored-yet': [503, 'Not stored yet, send it again', { 'retry-after': '5' }],
} as const satisfies Readonly<Record<string, readonly [number, string, Readonly<Record<string, string>>]>>;

/** Why a request got no acknowledgement: nothing of it was set aside, and with 503 it should be sent again. */
type HttpRefusalCode = keyof typeof REFUSALS;

/** A request that is answered with a problem (RFC 9457). */
export class HttpRefusal extends Error {
  constructor(
    readonly code: HttpRefusalCode,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }

  get status(): number {
    return REFUSALS[this.code][0];
  }

  get headers(): Readonly<Record<string, string>> {
    return REFUSALS[this.code][2];
  }

  problem(): Readonly<Record<string, string | number>> {
    return { type: 'about:blank', title: REFUSALS[this.code][1], status: this.status, code: this.code };
  }
}
