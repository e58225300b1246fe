/** How often each kill is repeated where nobody says otherwise: enough for every change, short enough for CI. */
const KILLS = 2;
const KILLS_VARIABLE = 'COLDCHAIN_TEST_KILLS';

/** How often a kill spec repeats each kill: `COLDCHAIN_TEST_KILLS`, 20 for a thorough run. @throws Error for nonsense */
export function killsPerPoint(environment: Readonly<Record<string, string | undefined>> = process.env): number {
  const text = environment[KILLS_VARIABLE] ?? '';
  if (text === '') return KILLS;
  const kills = Number(text);
  if (!Number.isInteger(kills) || kills < 1 || kills > 1_000)
    throw new Error(`${KILLS_VARIABLE} is '${text}': a whole number from 1 to 1000`);
  return kills;
}

/** Time limit of a case that repeats each kill, when one may take `eachMs`; never less than two of them. */
export const limitOfKills = (eachMs: number): number => eachMs * Math.max(KILLS, killsPerPoint());
