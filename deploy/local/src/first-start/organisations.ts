/** An organisation of the demonstration as the `organisation` table and the ledger's registry of parties want it. */
export interface DemonstrationOrganisation {
  readonly slug: string;
  readonly name: string;
  /** MSP id and enrolment name on the ledger. */
  readonly party: string;
  readonly gln: string;
  /** GS1 company prefixes, digits; all begin with 952, which GS1 reserves for demonstrations. */
  readonly prefixes: readonly string[];
  /** Of the parties on the ledger. */
  readonly roles: readonly ('manufacturer' | 'distributor' | 'pharmacy' | 'regulator')[];
  readonly accounts: readonly DemonstrationAccount[];
}

/** A person or machine of an organisation. */
export interface DemonstrationAccount {
  readonly name: string;
  readonly kind: 'person' | 'machine';
  readonly roles: readonly AccountRole[];
}

/** The closed list of account roles; the policy of `@coldchain/api-contract` says what each may do. */
export const ACCOUNT_ROLES = [
  'shipper',
  'dispenser',
  'quality',
  'responsible-person',
  'auditor',
  'device-manager',
  'administrator',
] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

const person = (name: string, ...roles: readonly AccountRole[]): DemonstrationAccount => ({
  name,
  kind: 'person',
  roles,
});
const machine = (name: string, ...roles: readonly AccountRole[]): DemonstrationAccount => ({
  name,
  kind: 'machine',
  roles,
});
const administrator = person('administrator', 'administrator', 'device-manager', 'auditor');

/** Registers the others on the ledger. */
export const REGULATOR = 'medicines-authority';

/** Everyone who takes part; the regulator comes first because its signature registers the others. */
export const DEMONSTRATION_ORGANISATIONS: readonly DemonstrationOrganisation[] = [
  {
    slug: REGULATOR,
    name: 'Medicines Authority',
    party: `RegulatorMSP:${REGULATOR}`,
    gln: '9520005000016',
    prefixes: [],
    roles: ['regulator'],
    accounts: [person('inspector', 'auditor', 'quality'), administrator, machine('portal', 'auditor')],
  },
  {
    slug: 'aurora-pharma',
    name: 'Aurora Pharma',
    party: 'ManufacturerMSP:aurora-pharma',
    gln: '9520001000010',
    prefixes: ['9520001'],
    roles: ['manufacturer'],
    accounts: [
      person('packing-operator', 'shipper'),
      person('qualified-person', 'quality', 'responsible-person'),
      administrator,
      machine('packaging-line', 'shipper', 'device-manager'),
    ],
  },
  {
    slug: 'polar-logistics',
    name: 'Polar Logistics',
    party: 'DistributorMSP:polar-logistics',
    gln: '9520002000019',
    prefixes: ['9520002'],
    roles: ['distributor'],
    accounts: [
      person('warehouse-operator', 'shipper'),
      person('responsible-person', 'quality', 'responsible-person'),
      administrator,
      machine('warehouse-system', 'shipper', 'device-manager'),
    ],
  },
  {
    slug: 'pharmacy-north',
    name: 'Pharmacy North',
    party: 'PharmacyMSP:pharmacy-north',
    gln: '9520003000018',
    prefixes: ['9520003'],
    roles: ['pharmacy'],
    accounts: [
      person('pharmacist', 'dispenser', 'shipper'),
      person('responsible-pharmacist', 'quality', 'responsible-person'),
      administrator,
      machine('till', 'dispenser'),
    ],
  },
  {
    slug: 'pharmacy-south',
    name: 'Pharmacy South',
    party: 'PharmacyMSP:pharmacy-south',
    gln: '9520004000017',
    prefixes: ['9520004'],
    roles: ['pharmacy'],
    accounts: [
      person('pharmacist', 'dispenser', 'shipper'),
      person('responsible-pharmacist', 'quality', 'responsible-person'),
      administrator,
      machine('till', 'dispenser'),
    ],
  },
];
