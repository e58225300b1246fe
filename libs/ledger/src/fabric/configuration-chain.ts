import { common } from '@hyperledger/fabric-protos';
import { dataHash } from '../embedded/block-header.js';
import { LedgerError } from '../ledger-error.js';
import type { LedgerTrust } from '../proof.js';
import { blockSigners, lastConfigurationOf, quorumOf } from './block-inspection.js';
import { parseEnvelope, type ReadBlock, readBlock } from './block-reading.js';
import { type ChannelConfiguration, channelConfiguration } from './channel-configuration.js';
import { openSealed } from './sealed-block.js';

/**
 * What block 0 says, if it is the block 0 that is believed: nobody signs it, its hash comes another way.
 * @throws LedgerError `ledger-chain-differs`
 */
export function firstConfiguration(read: ReadBlock, genesis: string): ChannelConfiguration {
  const { number, headerHash, dataHash: data } = read.block;
  if (number !== 0 || headerHash !== genesis || dataHash(read.envelopes).toString('hex') !== data)
    throw new LedgerError(
      'ledger-chain-differs',
      `the chain begins with ${headerHash} and not with ${genesis}: it is another network, or one that was made anew`,
      { genesis, found: headerHash },
    );
  return channelConfiguration(read.envelopes[0]);
}

/**
 * What a later configuration block says, if the orderers of the configuration before it signed it and mean it to be one:
 * its signed metadata name itself. Without that, any member could put a configuration of his own into an ordinary
 * transaction.
 * @throws LedgerError `block-invalid`
 */
export function laterConfiguration(read: ReadBlock, before: ChannelConfiguration): ChannelConfiguration {
  const { number, dataHash: data } = read.block;
  const [envelope, ...more] = read.envelopes;
  const { signers } = blockSigners(read.signatures, read.header, before);
  if (
    envelope === undefined ||
    more.length > 0 ||
    !isConfiguration(envelope) ||
    lastConfigurationOf(read.signatures) !== number ||
    dataHash(read.envelopes).toString('hex') !== data ||
    signers.size < quorumOf(before.consenters.size)
  )
    throw new LedgerError('block-invalid', `block ${number} does not change the configuration`, { number });
  return channelConfiguration(envelope);
}

function isConfiguration(envelope: Buffer): boolean {
  try {
    return parseEnvelope(envelope).type === common.HeaderType.CONFIG;
  } catch {
    // What cannot be read changes nothing.
    return false;
  }
}

/** Number of the configuration that was in force before a block; of block 0 itself for block 0. */
export function configurationBefore(read: ReadBlock, all: Iterable<number>): number {
  const { number } = read.block;
  const named = number === 0 ? 0 : lastConfigurationOf(read.signatures);
  // A configuration does not vouch for itself: the block that brings it is signed under the one before.
  return named < number ? named : Math.max(0, ...[...all].filter((one) => one < number));
}

/**
 * All configurations by the number of their block, checked from block 0 on.
 * @throws LedgerError `ledger-chain-differs`, `block-invalid`
 */
export function trustedConfigurations({ genesis, configurations }: LedgerTrust): Map<number, ChannelConfiguration> {
  const trusted = new Map<number, ChannelConfiguration>();
  let last: { readonly number: number; readonly configuration: ChannelConfiguration } | undefined;
  for (const sealed of configurations) {
    const read = readBlock(openSealed(sealed), '');
    const { number } = read.block;
    if (last !== undefined && number <= last.number)
      throw new LedgerError('block-invalid', 'configurations are not in order', { number });
    const configuration =
      last === undefined ? firstConfiguration(read, genesis) : laterConfiguration(read, last.configuration);
    last = { number, configuration };
    trusted.set(number, configuration);
  }
  if (last === undefined) throw new LedgerError('ledger-chain-differs', 'there is no block 0', { genesis });
  return trusted;
}
