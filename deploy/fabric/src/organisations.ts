const NAMES = ['Manufacturer', 'Distributor', 'Pharmacy', 'Regulator'] as const;
type OrganisationName = (typeof NAMES)[number];
export type OrganisationSlug = Lowercase<OrganisationName>;

/** One member of the network: its peer, its orderer and its chaincode server stand for its own machines. */
export interface Organisation {
  /** MSP id of its peer and of its parties. */
  readonly mspid: string;
  /** MSP id of its orderer: an identity of its own, so that a channel's orderers can be other than its peers. */
  readonly ordererMspid: string;
  /** In names of files and processes. */
  readonly slug: OrganisationSlug;
  /** 1 to 4: number among the orderers; the lowest leads first. */
  readonly number: number;
  readonly peerDomain: string;
  readonly ordererDomain: string;
}

const organisation = (name: OrganisationName, number: number): Organisation => ({
  mspid: `${name}MSP`,
  ordererMspid: `${name}OrdererMSP`,
  slug: name.toLowerCase() as OrganisationSlug,
  number,
  peerDomain: `${name.toLowerCase()}.example`,
  ordererDomain: `orderer.${name.toLowerCase()}.example`,
});

/** The four members (ledger model §1). 4 = 3f + 1 orderers tolerate one that lies or is down. */
export const ORGANISATIONS: readonly Organisation[] = NAMES.map((name, index) => organisation(name, index + 1));

/** A process of the network, as in `run/` and `logs/`. */
export type ProcessName = `${'orderer' | 'peer' | 'chaincode'}-${OrganisationSlug}`;

/** All twelve. */
export const PROCESS_NAMES: readonly ProcessName[] = [
  ...ORGANISATIONS.flatMap(({ slug }) => [`orderer-${slug}`, `peer-${slug}`] as const),
  ...ORGANISATIONS.map(({ slug }) => `chaincode-${slug}` as const),
];

/** How many of the four must endorse a transaction. */
export const ENDORSEMENTS = 3;
