import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { CHAINCODE_NAME, CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import type { ChannelSettings } from './channel-config.js';
import { FabricError } from './fabric-error.js';
import type { Layout } from './layout.js';
import { ENDORSEMENTS, ORGANISATIONS } from './organisations.js';
import { portsOf } from './ports.js';

const FORM = 1;

/** One endpoint as a client reaches it; `tlsAuthority` is a PEM file, relative to the folder of this file. */
export interface Endpoint {
  readonly address: string;
  readonly tlsAuthority: string;
}

/** One organisation as a client sees it. */
export interface OrganisationProfile {
  readonly mspid: string;
  readonly ordererMspid: string;
  readonly peer: Endpoint;
  readonly orderer: Endpoint;
  /** The authority that signs the organisation's identities: a folder in the form of an MSP, relative. */
  readonly msp: string;
}

/** `network.json`: what was decided when the network was made, and all that a client needs to know of it. */
export interface NetworkProfile extends ChannelSettings {
  readonly form: number;
  readonly channel: string;
  readonly chaincode: string;
  /** Header hash of the channel's first block, 64 hex digits; null until that block is made. */
  readonly genesis: string | null;
  /** How many organisations must endorse. */
  readonly endorsements: number;
  readonly organisations: readonly OrganisationProfile[];
  /** Folder of the parties' identities, `<MSP id>/<enrolment name>/msp`, relative. */
  readonly identities: string;
}

/** The profile of a network with these settings. */
export function networkProfile(layout: Layout, settings: ChannelSettings, genesis: string | null): NetworkProfile {
  const from = (path: string): string => relative(layout.root, path);
  return {
    form: FORM,
    ...settings,
    channel: CHANNEL_NAME,
    chaincode: CHAINCODE_NAME,
    genesis,
    endorsements: ENDORSEMENTS,
    organisations: ORGANISATIONS.map((organisation) => {
      const ports = portsOf(organisation, settings.basePort);
      return {
        mspid: organisation.mspid,
        ordererMspid: organisation.ordererMspid,
        peer: {
          address: `localhost:${ports.peer}`,
          tlsAuthority: from(layout.peerTls(organisation).authority),
        },
        orderer: {
          address: `localhost:${ports.orderer}`,
          tlsAuthority: from(layout.ordererTls(organisation).authority),
        },
        msp: from(layout.peerOrganisationMsp(organisation)),
      };
    }),
    identities: from(layout.identities),
  };
}

/** The network that is there; null: none. @throws FabricError `state-unusable` */
export function readNetwork(layout: Layout): NetworkProfile | null {
  const profile = readJson<NetworkProfile>(layout.networkFile);
  if (profile !== null && profile.form !== FORM) {
    throw new FabricError(
      'state-unusable',
      `${layout.networkFile} was written by another version`,
      'run that version, or `npm run fabric -- destroy`, which deletes this chain',
    );
  }
  return profile;
}

/** What the chaincode servers run. */
export interface ServedChaincode {
  readonly digest: string;
}

export const readServedChaincode = (layout: Layout): ServedChaincode | null =>
  readJson<ServedChaincode>(layout.chaincodeFile);

function readJson<Content>(file: string): Content | null {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Content;
  } catch (cause) {
    throw new FabricError(
      'state-unusable',
      `${file} is not JSON`,
      'restore it, or run `npm run fabric -- destroy`, which deletes this chain',
      { cause },
    );
  }
}

/** Writes a file of the network in one step. */
export function writeWhole(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
