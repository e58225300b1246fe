import { describe, expect, it } from '@jest/globals';
import { type Action, OPERATIONS, type Operation, POLICY, problemsOf, type Role, ROLES } from '@coldchain/api-contract';
import { ACTIONS, actionsOf, mayTry, RELATION_REFUSALS } from './policy.js';

const operations: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS);

/** Who may change something, written out once more: a change of the policy must be meant. */
const MATRIX: Partial<Record<Action, readonly Role[]>> = {
  'publish-profile': ['quality'],
  'register-batch': ['shipper', 'quality'],
  'certify-batch': ['quality'],
  'recall-batch': ['quality'],
  'pack-unit': ['shipper'],
  'bind-logger': ['shipper', 'device-manager'],
  'ship-units': ['shipper'],
  'receive-units': ['shipper', 'dispenser'],
  'resolve-discrepancy': ['quality'],
  'observe-units': ['shipper', 'dispenser', 'quality'],
  'place-hold': ['shipper', 'dispenser', 'quality'],
  'assess-hold': ['quality'],
  'release-hold': ['quality'],
  'comment-case': ['shipper', 'dispenser', 'quality', 'responsible-person'],
  'handle-case': ['shipper', 'dispenser', 'quality', 'responsible-person'],
  'decide-case': ['responsible-person'],
  'set-alarms': ['quality'],
  'change-own-password': ['responsible-person'],
  'decommission-pack': ['dispenser', 'quality'],
  'revert-decommission': ['dispenser', 'quality'],
  'manage-planning': ['shipper', 'dispenser', 'quality'],
  'grant-access': ['quality'],
  'manage-organisations': ['quality'],
  'register-packaging': ['quality'],
  'manage-devices': ['device-manager', 'administrator'],
  'read-metrics': ['administrator', 'auditor'],
};

describe('policy', () => {
  it.each(Object.entries(MATRIX))('%s is for %j only', (action, roles) => {
    for (const role of ROLES) expect([role, mayTry([role], action as Action)]).toEqual([role, roles.includes(role)]);
  });

  it('allows nothing without a role', () => {
    expect(actionsOf([])).toEqual([]);
  });

  it('lets an auditor change nothing and an administrator decide nothing about goods', () => {
    const changes = new Set(operations.filter(([, one]) => one.method !== 'GET').map(([, one]) => one.action));
    expect(actionsOf(['auditor']).filter((action) => changes.has(action))).toEqual([]);
    expect(actionsOf(['administrator']).filter((action) => changes.has(action))).toEqual(['manage-devices']);
  });

  it('has an operation for every action', () => {
    const used = new Set(operations.map(([, one]) => one.action));
    expect(ACTIONS.filter((action) => !used.has(action))).toEqual([]);
  });

  it.each(operations.filter(([, one]) => one.act === true))(
    '%s can be refused for its relation to the object',
    (_, one) => {
      const { relation } = POLICY[one.action ?? 'verify'];
      expect(problemsOf(one)).toEqual(expect.arrayContaining([...RELATION_REFUSALS[relation]]));
    },
  );

  it('opens exactly the pages, the probes and the documents', () => {
    const open = operations.filter(([, one]) => one.action === null).map(([, one]) => one.path);
    expect(open.sort()).toEqual([
      '/',
      '/demo/samples.json',
      '/docs',
      '/livez',
      '/openapi.json',
      '/planning',
      '/readyz',
      '/version',
    ]);
  });
});
