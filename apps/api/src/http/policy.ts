import {
  type Action,
  type ActionRule,
  POLICY,
  type ProblemCode,
  type Relation,
  type Role,
} from '@coldchain/api-contract';

/** Actions in the order of the policy's table. */
export const ACTIONS = Object.keys(POLICY) as readonly Action[];

const rules: Readonly<Record<Action, ActionRule>> = POLICY;

/** Whether an account with these roles may try an action at all; its relation to the object is judged with the object. */
export function mayTry(roles: readonly Role[], action: Action): boolean {
  return rules[action].roles.some((role) => roles.includes(role));
}

/** What an account with these roles may try. */
export const actionsOf = (roles: readonly Role[]): readonly Action[] =>
  ACTIONS.filter((action) => mayTry(roles, action));

/**
 * How each relation is kept, besides row-level security, which makes everything else not exist (404): the refusal that
 * the contract's own rules give when the organisation does not stand so to the object. Nothing in a controller decides.
 */
export const RELATION_REFUSALS = {
  none: [],
  own: [],
  visible: [],
  'prefix-owner': ['prefix-not-owned'],
  'batch-owner': ['batch-not-owned', 'batch-unknown'],
  custodian: ['not-custodian'],
  'named-receiver': ['not-named-receiver', 'unit-unknown'],
  'claim-party': ['not-custodian', 'unit-not-claimed'],
  'hold-placer': ['hold-kind-not-allowed', 'unit-unknown'],
  'hold-releaser': ['hold-not-of-caller', 'not-custodian'],
  'case-party': ['not-custodian'],
  decommissioner: ['decommission-not-of-caller'],
  'custodian-or-owner': ['not-custodian', 'batch-not-owned'],
  regulator: ['role-missing'],
} as const satisfies Record<Relation, readonly ProblemCode[]>;
