import { X509Certificate } from 'node:crypto';
import { common, msp } from '@hyperledger/fabric-protos';
import { LedgerError } from '../ledger-error.js';
import { bytesOf, numberOf } from './wire.js';

/** An orderer that signs blocks. */
export interface Consenter {
  readonly mspid: string;
  readonly certificate: X509Certificate;
}

/** Who signs on the channel, read from one of its configuration blocks. */
export interface ChannelConfiguration {
  /** Name of the channel. */
  readonly channel: string;
  /** The orderers that sign blocks, by their number. */
  readonly consenters: ReadonlyMap<number, Consenter>;
  /** Authorities of each organisation, roots and intermediates, by MSP id. */
  readonly authorities: ReadonlyMap<string, readonly X509Certificate[]>;
  /** Organisational unit that certificates of peers carry, by MSP id; absent where the organisation tells no roles. */
  readonly peerUnits: ReadonlyMap<string, string>;
}

/** Reads the only envelope of a configuration block. @throws LedgerError `envelope-invalid` */
export function channelConfiguration(envelope: Buffer | undefined): ChannelConfiguration {
  try {
    const payload = common.Payload.deserializeBinary(
      common.Envelope.deserializeBinary(envelope ?? Buffer.alloc(0)).getPayload_asU8(),
    );
    const header = common.ChannelHeader.deserializeBinary(
      payload.getHeader()?.getChannelHeader_asU8() ?? new Uint8Array(),
    );
    const channel = common.ConfigEnvelope.deserializeBinary(payload.getData_asU8()).getConfig()?.getChannelGroup();
    const groups = ['Orderer', 'Application'].flatMap((name) => channel?.getGroupsMap().get(name) ?? []);
    const consenters = new Map<number, Consenter>();
    const authorities = new Map<string, readonly X509Certificate[]>();
    const peerUnits = new Map<string, string>();
    for (const group of groups) {
      for (const [id, consenter] of consentersOf(group)) consenters.set(id, consenter);
      for (const [, organisation] of group.getGroupsMap().entries()) {
        const value = organisation.getValuesMap().get('MSP')?.getValue_asU8();
        if (value === undefined) continue;
        const definition = msp.FabricMSPConfig.deserializeBinary(
          msp.MSPConfig.deserializeBinary(value).getConfig_asU8(),
        );
        const certificates = [...definition.getRootCertsList_asU8(), ...definition.getIntermediateCertsList_asU8()];
        const roles = definition.getFabricNodeOus();
        const unit = roles?.getPeerOuIdentifier()?.getOrganizationalUnitIdentifier();
        if (roles?.getEnable() === true && unit !== undefined) peerUnits.set(definition.getName(), unit);
        authorities.set(
          definition.getName(),
          certificates.map((certificate) => new X509Certificate(certificate)),
        );
      }
    }
    if (consenters.size === 0) throw new TypeError('no consenters');
    return { channel: header.getChannelId(), consenters, authorities, peerUnits };
  } catch (cause) {
    throw new LedgerError('envelope-invalid', 'the block holds no configuration of a channel', {}, { cause });
  }
}

/** `Orderers{consenter_mapping = 1}` of `Consenter{id = 1, msp_id = 4, identity = 5}` (common/configuration.proto). */
function consentersOf(group: common.ConfigGroup): [number, Consenter][] {
  const value = group.getValuesMap().get('Orderers')?.getValue_asU8();
  if (value === undefined) return [];
  return bytesOf(Buffer.from(value), 1).map((consenter) => [
    numberOf(consenter, 1),
    {
      mspid: (bytesOf(consenter, 4)[0] ?? Buffer.alloc(0)).toString('utf8'),
      certificate: new X509Certificate(bytesOf(consenter, 5)[0] ?? ''),
    },
  ]);
}
