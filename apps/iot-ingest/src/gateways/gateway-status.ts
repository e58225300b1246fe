/** What a gateway says of itself on `status`: known members, and everything else as it came. */
export interface GatewayStatus {
  readonly state: 'online' | 'offline' | null;
  /** Gateway's clock, ms since 1970. */
  readonly time: number | null;
  /** Of the gateway, per cent. */
  readonly batteryPercent: number | null;
  /** The object as text for a `jsonb` column. */
  readonly text: string;
}

/** Reads `{"state":"online","time":ms,"battery":percent,"batteries":{"logger":percent}}`; null for what is no object. */
export function readStatus(payload: Buffer): GatewayStatus | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const { state, time, battery } = parsed as Readonly<Record<'state' | 'time' | 'battery', unknown>>;
  // PostgreSQL's jsonb knows neither U+0000 nor a lone surrogate.
  const text = JSON.stringify(parsed).replaceAll(/\\u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})/g, '\ufffd');
  return {
    state: state === 'online' || state === 'offline' ? state : null,
    time: Number.isSafeInteger(time) ? (time as number) : null,
    batteryPercent: typeof battery === 'number' && battery >= 0 && battery <= 100 ? battery : null,
    text,
  };
}
