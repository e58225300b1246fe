import { FabricError } from '../fabric-error.js';
import { type Organisation, ORGANISATIONS } from '../organisations.js';

/** A party as the ledger names it: one enrolment under one organisation. */
export interface PartyName {
  readonly organisation: Organisation;
  /** Common name of its certificate. */
  readonly enrolment: string;
  /** `MSP id:enrolment name` */
  readonly party: string;
}

/** @throws FabricError `party-invalid` */
export function parseParty(text: string): PartyName {
  const [, mspid, enrolment] = /^([A-Za-z0-9]+):([A-Za-z0-9][A-Za-z0-9._@-]{0,63})$/.exec(text) ?? [];
  const organisation = ORGANISATIONS.find((candidate) => candidate.mspid === mspid);
  if (organisation === undefined || enrolment === undefined) {
    const known = ORGANISATIONS.map((candidate) => candidate.mspid).join(', ');
    throw new FabricError(
      'party-invalid',
      `'${text}' is not a party of this network`,
      `write MSP id, colon, enrolment name of up to 64 letters, digits or . _ @ -; organisations are ${known}`,
    );
  }
  return { organisation, enrolment, party: `${organisation.mspid}:${enrolment}` };
}
