/**
 * The one source of the names and shapes that the ledger and its callers share: commands, states, events, refusals.
 * Nothing but its own parts is imported here, so that every process can name a command without loading a contract.
 *
 * Conventions: keys, digests and commitments are 64 lower-case hex digits; instants are ms since 1970 UTC; temperatures
 * are milli-degrees Celsius; durations ms; days `YYYY-MM-DD`. All numbers are safe integers. A command takes one string
 * argument, the JSON of its payload, and answers with the JSON of its {@link AnchorRecord} (or the state it wrote).
 */
export * from './protocol/basics';
export * from './protocol/objects';
export * from './protocol/payloads';
export * from './protocol/commands';
export * from './protocol/refusals';
