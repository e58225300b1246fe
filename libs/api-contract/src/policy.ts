/** Roles of an account; persons and machines have the same ones. An account may have several. */
export const ROLES = [
  'shipper',
  'dispenser',
  'quality',
  'responsible-person',
  'auditor',
  'device-manager',
  'administrator',
] as const;
export type Role = (typeof ROLES)[number];

/** What an action asks of the relation between the account's organisation and the object. */
export const RELATIONS = {
  none: 'No object is concerned.',
  own: 'Only what belongs to the account’s organisation.',
  visible:
    'Only what the organisation owns, holds, or was given the data of; anything else does not exist for it (404).',
  'prefix-owner': 'The organisation must own the GS1 company prefix of the GTIN.',
  'batch-owner': 'The organisation must have registered the batch; a recall may also come from the regulator.',
  custodian: 'The organisation must be the recorded custodian of every unit concerned.',
  'named-receiver': 'The organisation must be the receiver that the shipment names, or claim possession unannounced.',
  'claim-party': 'The organisation must be custodian or claimant of units that came unannounced.',
  'hold-placer':
    'Thermal, discrepancy: custodian or batch owner. Security: anybody who had to do with the units. Authority: the regulator.',
  'hold-releaser': 'Thermal: the custodian. Discrepancy, security: who placed it. Authority: the regulator.',
  'case-party':
    'The organisation must have the goods, or have had them when it happened; for a decision it must have them.',
  decommissioner: 'The organisation must have decommissioned the pack itself.',
  'custodian-or-owner': 'The organisation must be custodian of the unit, or own the batch or one in the unit.',
  regulator: 'The organisation must be a regulator.',
} as const;
export type Relation = keyof typeof RELATIONS;

/** One action: who may do it, and how the organisation must stand to the object. */
export interface ActionRule {
  readonly roles: readonly Role[];
  readonly relation: Relation;
}

const EVERYONE = ROLES;

/** Every action there is. What is not listed is not allowed to anyone. */
export const POLICY = {
  'publish-profile': { roles: ['quality'], relation: 'prefix-owner' },
  'read-products': { roles: EVERYONE, relation: 'none' },
  'register-batch': { roles: ['shipper', 'quality'], relation: 'prefix-owner' },
  'certify-batch': { roles: ['quality'], relation: 'batch-owner' },
  'recall-batch': { roles: ['quality'], relation: 'batch-owner' },
  'read-batches': { roles: EVERYONE, relation: 'visible' },
  'pack-unit': { roles: ['shipper'], relation: 'custodian' },
  'bind-logger': { roles: ['shipper', 'device-manager'], relation: 'custodian' },
  'attach-logger-file': { roles: ['shipper', 'dispenser', 'quality', 'device-manager'], relation: 'custodian' },
  'ship-units': { roles: ['shipper'], relation: 'custodian' },
  'receive-units': { roles: ['shipper', 'dispenser'], relation: 'named-receiver' },
  'resolve-discrepancy': { roles: ['quality'], relation: 'claim-party' },
  'observe-units': { roles: ['shipper', 'dispenser', 'quality'], relation: 'custodian' },
  'place-hold': { roles: ['shipper', 'dispenser', 'quality'], relation: 'hold-placer' },
  'assess-hold': { roles: ['quality'], relation: 'batch-owner' },
  'release-hold': { roles: ['quality'], relation: 'hold-releaser' },
  'read-cases': { roles: EVERYONE, relation: 'visible' },
  'comment-case': { roles: ['shipper', 'dispenser', 'quality', 'responsible-person'], relation: 'visible' },
  'handle-case': { roles: ['shipper', 'dispenser', 'quality', 'responsible-person'], relation: 'case-party' },
  'decide-case': { roles: ['responsible-person'], relation: 'case-party' },
  'set-alarms': { roles: ['quality'], relation: 'own' },
  'change-own-password': { roles: ['responsible-person'], relation: 'own' },
  'follow-changes': { roles: EVERYONE, relation: 'visible' },
  'read-units': { roles: EVERYONE, relation: 'visible' },
  'decommission-pack': { roles: ['dispenser', 'quality'], relation: 'custodian' },
  'revert-decommission': { roles: ['dispenser', 'quality'], relation: 'decommissioner' },
  verify: { roles: EVERYONE, relation: 'visible' },
  'read-readings': { roles: EVERYONE, relation: 'visible' },
  'manage-devices': { roles: ['device-manager', 'administrator'], relation: 'own' },
  'read-devices': { roles: ['device-manager', 'administrator', 'quality', 'shipper', 'auditor'], relation: 'own' },
  'manage-planning': { roles: ['shipper', 'dispenser', 'quality'], relation: 'own' },
  'read-planning': { roles: EVERYONE, relation: 'own' },
  'share-stock': { roles: ['quality'], relation: 'own' },
  'register-packaging': { roles: ['quality'], relation: 'own' },
  'grant-access': { roles: ['quality'], relation: 'custodian-or-owner' },
  'read-access-grants': { roles: EVERYONE, relation: 'own' },
  'manage-organisations': { roles: ['quality'], relation: 'regulator' },
  'read-organisations': { roles: EVERYONE, relation: 'none' },
  'read-own-account': { roles: EVERYONE, relation: 'own' },
  'read-users': { roles: EVERYONE, relation: 'own' },
  'read-audit-log': { roles: ['auditor', 'administrator'], relation: 'own' },
  'read-metrics': { roles: ['administrator', 'auditor'], relation: 'none' },
} as const satisfies Record<string, ActionRule>;

/** The name of an action. */
export type Action = keyof typeof POLICY;
