import { documentEvents, EVENT_HASH_PROFILES, type EventHashProfile, eventHash, preHash } from '@coldchain/epcis';
import { usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readJson } from '../input.js';

/** One hash (or pre-hash text) per event and line, in document order. */
export async function runEventHash({ positionals, options, json, terminal }: Invocation): Promise<ExitCode> {
  const profile = profileNamed(options.text('profile') ?? 'cbv2.0');
  const events = documentEvents(await readJson(positionals[0] ?? '-', terminal));
  for (const { event, context } of events) {
    const hash = eventHash(event, context, profile);
    const text = options.flag('prehash') ? preHash(event, context, profile) : hash.ni;
    const id = typeof event['eventID'] === 'string' ? event['eventID'] : null;
    terminal.out(
      json
        ? JSON.stringify({ eventID: id, profile, hash: hash.ni, ...(options.flag('prehash') ? { preHash: text } : {}) })
        : text,
    );
  }
  return 0;
}

function profileNamed(name: string): EventHashProfile {
  const profile = EVENT_HASH_PROFILES.find((known) => known === name);
  if (profile === undefined) {
    throw usageError(`there is no profile '${name}', only ${EVENT_HASH_PROFILES.join(', ')}`, 'event hash');
  }
  return profile;
}
