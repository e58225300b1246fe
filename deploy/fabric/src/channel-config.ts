import type { Layout } from './layout.js';
import type { Organisation } from './organisations.js';
import { HOST, portsOf } from './ports.js';

/** Name of the profile in configtx.yaml. */
export const PROFILE = 'ColdChain';

const signature = (rule: string): object => ({ Type: 'Signature', Rule: rule });
const meta = (rule: string): object => ({ Type: 'ImplicitMeta', Rule: rule });
const anyOf = (mspid: string, ...roles: readonly string[]): object =>
  signature(`OR(${roles.map((role) => `'${mspid}.${role}'`).join(', ')})`);

const CHANNEL_POLICIES = {
  Readers: meta('ANY Readers'),
  Writers: meta('ANY Writers'),
  Admins: meta('MAJORITY Admins'),
};

/**
 * Timers of SmartBFT for one machine or one data centre. With Fabric's defaults (5 s, 20 s, 60 s) the loss of the leader
 * stops the channel for 26 s, with these for 2.7 s; forward plus complain must stay well above the slowest transaction.
 */
const SMART_BFT = {
  RequestForwardTimeout: '500ms',
  RequestComplainTimeout: '1500ms',
  RequestAutoRemoveTimeout: '3m0s',
  ViewChangeResendInterval: '1s',
  ViewChangeTimeout: '3s',
  LeaderHeartbeatTimeout: '3s',
  CollectTimeout: '1s',
  IncomingMessageBufferSize: 200,
  RequestPoolSize: 100_000,
  LeaderHeartbeatCount: 10,
};

/** What is decided once, with the channel's first block. */
export interface ChannelSettings {
  readonly basePort: number;
  /** Longest time that an orderer waits for a block to fill. */
  readonly blockIntervalMs: number;
}

/** configtx.yaml, as JSON, with the one profile from which configtxgen makes the channel's first block. */
export function renderChannelConfig(
  organisations: readonly Organisation[],
  layout: Layout,
  { basePort, blockIntervalMs }: ChannelSettings,
): string {
  const orderers = organisations.map((organisation) => ordererOrganisation(organisation, layout, basePort));
  const peers = organisations.map((organisation) => peerOrganisation(organisation, layout, basePort));
  const profile = {
    Capabilities: { V3_0: true },
    Policies: CHANNEL_POLICIES,
    Orderer: {
      OrdererType: 'BFT',
      // With BFT the wait is RequestBatchMaxInterval, and BatchTimeout and PreferredMaxBytes have no effect; they must be there.
      BatchTimeout: `${blockIntervalMs}ms`,
      BatchSize: { MaxMessageCount: 500, AbsoluteMaxBytes: '10 MB', PreferredMaxBytes: '2 MB' },
      MaxChannels: 0,
      ConsenterMapping: organisations.map((organisation) => consenter(organisation, layout, basePort)),
      SmartBFT: { RequestBatchMaxInterval: `${blockIntervalMs}ms`, ...SMART_BFT },
      Organizations: orderers,
      // configtxgen replaces BlockValidation by a quorum of the listed consenters when the type is BFT.
      Policies: { ...CHANNEL_POLICIES, BlockValidation: meta('ANY Writers') },
      Capabilities: { V2_0: true },
    },
    Application: {
      Organizations: peers,
      Policies: {
        ...CHANNEL_POLICIES,
        LifecycleEndorsement: meta('MAJORITY Endorsement'),
        Endorsement: meta('MAJORITY Endorsement'),
      },
      Capabilities: { V2_5: true },
    },
  };
  return `${JSON.stringify({ Profiles: { [PROFILE]: profile } }, undefined, 2)}\n`;
}

function consenter(organisation: Organisation, layout: Layout, basePort: number): object {
  const { certificate } = layout.ordererTls(organisation);
  return {
    ID: organisation.number,
    Host: HOST,
    Port: portsOf(organisation, basePort).orderer,
    MSPID: organisation.ordererMspid,
    Identity: layout.ordererEnrolment(organisation),
    ClientTLSCert: certificate,
    ServerTLSCert: certificate,
  };
}

function ordererOrganisation(organisation: Organisation, layout: Layout, basePort: number): object {
  const { ordererMspid } = organisation;
  return {
    Name: ordererMspid,
    ID: ordererMspid,
    MSPDir: layout.ordererOrganisationMsp(organisation),
    Policies: {
      Readers: anyOf(ordererMspid, 'member'),
      Writers: anyOf(ordererMspid, 'member'),
      Admins: anyOf(ordererMspid, 'admin'),
    },
    OrdererEndpoints: [`${HOST}:${portsOf(organisation, basePort).orderer}`],
  };
}

function peerOrganisation(organisation: Organisation, layout: Layout, basePort: number): object {
  const { mspid } = organisation;
  return {
    Name: mspid,
    ID: mspid,
    MSPDir: layout.peerOrganisationMsp(organisation),
    Policies: {
      Readers: anyOf(mspid, 'admin', 'peer', 'client'),
      Writers: anyOf(mspid, 'admin', 'client'),
      Admins: anyOf(mspid, 'admin'),
      Endorsement: anyOf(mspid, 'peer'),
    },
    AnchorPeers: [{ Host: HOST, Port: portsOf(organisation, basePort).peer }],
  };
}
