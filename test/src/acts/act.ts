import type { Command, CommandPayloads, PartyId } from '@coldchain/chaincode/protocol';

/** A command that a party calls. Its payload may be what no command takes: ledgers refuse that as well. */
export interface Act {
  readonly party: PartyId;
  readonly command: Command;
  readonly payload: CommandPayloads[Command];
}

/** What a drawer of acts proposes for one command. */
export interface Proposal<Name extends Command> {
  readonly party: PartyId;
  readonly payload: CommandPayloads[Name];
}
