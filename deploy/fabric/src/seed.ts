import { join } from 'node:path';
import { CHAINCODE_NAME, CHANNEL_NAME, SEED_FUNCTION } from '@coldchain/chaincode/protocol';
import { sleep } from '@coldchain/kernel';
import { atPeers, type ChannelContext, toOrderer } from './channel.js';
import { demandCommand, runCommand } from './command.js';
import { FabricError } from './fabric-error.js';
import type { Identity } from './identity/identities.js';
import type { PartyName } from './identity/party-name.js';
import { clientSettings } from './node-settings.js';
import { ENDORSEMENTS, ORGANISATIONS } from './organisations.js';

const PATIENCE_MS = 30_000;
const BETWEEN_QUESTIONS_MS = 150;

/**
 * Puts the regulator's party on the ledger unless it is there.
 * @returns whether it was put there now
 * @throws FabricError `command-failed`, with the contract's refusal when another party was seeded before
 */
export async function seedRegulator(
  { organisation, party }: PartyName,
  identity: Identity,
  context: ChannelContext,
): Promise<boolean> {
  const peer = join(context.programs.bin, 'peer');
  const settings = clientSettings(organisation, identity.msp, context);
  const call = (...args: readonly string[]): string[] => [
    ...['-C', CHANNEL_NAME, '-n', CHAINCODE_NAME, '-c', JSON.stringify({ Args: args })],
  ];
  // The first call makes the peer connect to the chaincode server, which may still be starting.
  const query = ['chaincode', 'query', ...call('getParty', party)];
  let answer = await runCommand(peer, query, settings);
  for (let waitedMs = 0; answer.status !== 0; waitedMs += BETWEEN_QUESTIONS_MS) {
    if (waitedMs >= PATIENCE_MS) {
      throw new FabricError(
        'command-failed',
        `the chaincode does not answer: ${answer.stderr.trim().slice(-500)}`,
        'see the logs of the peer and the chaincode server of RegulatorMSP',
      );
    }
    await sleep(BETWEEN_QUESTIONS_MS);
    answer = await runCommand(peer, query, settings);
  }
  if (answer.stdout.trim() !== '') return false;
  const endorsers = [organisation, ...ORGANISATIONS.filter((other) => other !== organisation)].slice(0, ENDORSEMENTS);
  await demandCommand(
    'seeding the regulator',
    peer,
    [
      ...['chaincode', 'invoke', ...(await toOrderer(ORGANISATIONS, context)), '--waitForEvent'],
      ...call(SEED_FUNCTION, '{}'),
      ...atPeers(endorsers, context),
    ],
    settings,
  );
  return true;
}
