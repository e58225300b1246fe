import { CHAINCODE_NAME, CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import { sleep } from '@coldchain/kernel';
import type { ChaincodeBuild } from './chaincode-build.js';
import { asAdmin, atPeers, type ChannelContext, demandAsAdmin, toOrderer } from './channel.js';
import { FabricError } from './fabric-error.js';
import { ENDORSEMENTS, type Organisation, ORGANISATIONS } from './organisations.js';

/** Any three of the four organisations' peers: stated, so that another member changes it by decision and not by count. */
export const SIGNATURE_POLICY = `OutOf(${ENDORSEMENTS}, ${ORGANISATIONS.map(({ mspid }) => `'${mspid}.peer'`).join(', ')})`;

const PATIENCE_MS = 30_000;
const BETWEEN_QUESTIONS_MS = 100;

/** What the channel agreed on. */
export interface Definition {
  readonly sequence: number;
  /** Digest of the build. */
  readonly version: string;
}

/** The committed definition as an organisation's peer knows it; null: none. @throws FabricError `command-failed` */
export async function committedDefinition(
  organisation: Organisation,
  context: ChannelContext,
): Promise<Definition | null> {
  const { status, stdout, stderr } = await asAdmin(organisation, context, [
    ...['lifecycle', 'chaincode', 'querycommitted', '-O', 'json'],
    ...['-C', CHANNEL_NAME, '-n', CHAINCODE_NAME],
  ]);
  if (status === 0) return JSON.parse(stdout) as Definition;
  if (stderr.includes('is not defined')) return null;
  throw new FabricError(
    'command-failed',
    `asking the peer of ${organisation.mspid} for the chaincode failed: ${stderr.trim().slice(-500)}`,
    'run `npm run fabric -- up`',
  );
}

/** Gives the package to an organisation's peer unless it has it. @throws FabricError `command-failed` */
export async function installPackage(
  organisation: Organisation,
  build: ChaincodeBuild,
  context: ChannelContext,
): Promise<void> {
  const what = `at the peer of ${organisation.mspid}`;
  const installed = await demandAsAdmin(`asking for packages ${what}`, organisation, context, [
    ...['lifecycle', 'chaincode', 'queryinstalled', '-O', 'json'],
  ]);
  if (installed.includes(`"${build.packageId}"`)) return;
  await demandAsAdmin(`installing the package ${what}`, organisation, context, [
    ...['lifecycle', 'chaincode', 'install', build.packageFile],
  ]);
}

/** Has all four organisations approve the build as the next definition. @throws FabricError `command-failed` */
export async function approveBuild(build: ChaincodeBuild, sequence: number, context: ChannelContext): Promise<void> {
  const orderer = await toOrderer(ORGANISATIONS, context);
  await Promise.all(
    ORGANISATIONS.map(async (organisation) => {
      const approvals = await readiness(organisation, build, sequence, context);
      if (approvals[organisation.mspid] === true) return;
      await demandAsAdmin(`approving for ${organisation.mspid}`, organisation, context, [
        ...['lifecycle', 'chaincode', 'approveformyorg', ...orderer],
        ...definition(build, sequence),
        ...['--package-id', build.packageId],
      ]);
    }),
  );
}

/**
 * Commits the definition that all approved, endorsed by three of the four.
 * @throws FabricError `command-failed`
 */
export async function commitBuild(build: ChaincodeBuild, sequence: number, context: ChannelContext): Promise<void> {
  const endorsers = ORGANISATIONS.slice(0, ENDORSEMENTS);
  await Promise.all(endorsers.map((organisation) => untilAllApproved(organisation, build, sequence, context)));
  const [first] = ORGANISATIONS;
  if (first === undefined) return;
  await demandAsAdmin('committing the chaincode definition', first, context, [
    ...['lifecycle', 'chaincode', 'commit', ...(await toOrderer(ORGANISATIONS, context))],
    ...definition(build, sequence),
    ...atPeers(endorsers, context),
  ]);
}

const definition = ({ digest }: ChaincodeBuild, sequence: number): string[] => [
  ...['-C', CHANNEL_NAME, '-n', CHAINCODE_NAME, '--version', digest, '--sequence', String(sequence)],
  ...['--signature-policy', SIGNATURE_POLICY],
];

async function readiness(
  organisation: Organisation,
  build: ChaincodeBuild,
  sequence: number,
  context: ChannelContext,
): Promise<Readonly<Record<string, boolean>>> {
  const answer = await demandAsAdmin(`asking the peer of ${organisation.mspid} for approvals`, organisation, context, [
    ...['lifecycle', 'chaincode', 'checkcommitreadiness', '-O', 'json'],
    ...definition(build, sequence),
  ]);
  return (JSON.parse(answer) as { readonly approvals: Readonly<Record<string, boolean>> }).approvals;
}

/** A peer that has not seen all approvals yet would endorse something else than the others. */
async function untilAllApproved(
  organisation: Organisation,
  build: ChaincodeBuild,
  sequence: number,
  context: ChannelContext,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += BETWEEN_QUESTIONS_MS) {
    const approvals = await readiness(organisation, build, sequence, context);
    if (ORGANISATIONS.every(({ mspid }) => approvals[mspid] === true)) return;
    await sleep(BETWEEN_QUESTIONS_MS);
  }
  throw new FabricError(
    'command-failed',
    `the peer of ${organisation.mspid} has not seen all approvals after ${PATIENCE_MS / 1000} s`,
    'see the heights of `npm run fabric -- status`, then deploy again',
  );
}
