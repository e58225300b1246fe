import type * as Handler from 'fabric-shim/lib/handler';
import type * as Protobuf from 'google-protobuf';

/** A value under its key. */
export interface StateEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** Reads and writes of one call, many at once. */
export interface StateAccess {
  /** In the order of the keys; empty where there is none. */
  getStates(keys: readonly string[]): Promise<readonly Uint8Array[]>;
  putStates(entries: readonly StateEntry[]): Promise<void>;
}

/** A stub of fabric-shim, as far as states go. */
interface ShimStub {
  getState(key: string): Promise<Uint8Array>;
  putState(key: string, value: Uint8Array): Promise<void>;
  getTxID(): string;
  getChannelID(): string;
  /** The conversation with the peer; the shim's own methods use it. */
  readonly handler?: Handler.ChaincodeMessageHandler;
}

/** What a peer takes in one message; it says so when a conversation begins (`ChaincodeAdditionalParams`). */
interface PeerLimits {
  readonly writes: number;
  readonly reads: number;
  /** What messages of this conversation are made of: the class of the shim's own. */
  readonly Message: new () => Handler.ChaincodeMessage;
}

/** Types of messages (fabric-protos 0.3.7, peer/chaincode_shim.proto); the last two are newer than what the shim brings. */
const READY = 4;
const WRITE_BATCH_STATE = 24;
const GET_STATE_MULTIPLE = 25;
const PUT_STATE = 9;

const limitsOf = new WeakMap<object, PeerLimits>();

/**
 * How a call reaches its states: as the stub itself offers it, in few messages where the peer takes that, else one by one.
 *
 * fabric-shim 2.5.8 sends one message per key and waits for the answer; an event with 50 units is 104 of them to each of
 * three organisations, which was most of what such an event cost (see the README). Peers since Fabric 3.1 take up to 1,000
 * keys in one message, and tell so; chaincode in Go uses that, and so do we over the shim's own conversation.
 */
export function stateAccess(stub: object): StateAccess {
  if ('getStates' in stub) return stub as StateAccess;
  // What the contract API hands over is the shim's stub.
  const shim = stub as ShimStub;
  const limits = shim.handler === undefined ? undefined : limitsOf.get(shim.handler);
  return {
    getStates: async (keys) =>
      limits === undefined || limits.reads < 2 || keys.length < 2
        ? inTurn(keys, (key) => shim.getState(key))
        : (await inTurn(portions(keys, limits.reads), (portion) => askForMany(shim, limits, portion))).flat(),
    putStates: async (entries) => {
      if (limits === undefined || limits.writes < 2 || entries.length < 2) {
        await inTurn(entries, ({ key, value }) => shim.putState(key, value));
      } else {
        await inTurn(portions(entries, limits.writes), (portion) => tellMany(shim, limits, portion));
      }
    },
  };
}

/** Has this process hear what peers take; to be called before the server of the chaincode is made. */
export function takeManyStatesAtOnce(): void {
  const { ChaincodeMessageHandler } = require('fabric-shim/lib/handler') as typeof Handler;
  const { chat } = ChaincodeMessageHandler.prototype;
  ChaincodeMessageHandler.prototype.chat = function (first) {
    this._stream.on('data', (message: Handler.ChaincodeMessage) => {
      if (message.getType() === READY) limitsOf.set(this, peerLimits(message));
    });
    chat.call(this, first);
  };
}

const protobuf = (): typeof Protobuf => require('google-protobuf') as typeof Protobuf;

async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function portions<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

/** `ChaincodeAdditionalParams`; older peers send nothing. */
function peerLimits(message: Handler.ChaincodeMessage): PeerLimits {
  const reader = new (protobuf().BinaryReader)(message.getPayload_asU8());
  let [writeBatches, reads, readBatches, writes] = [false, 0, false, 0];
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) writeBatches = reader.readBool();
    else if (reader.getFieldNumber() === 2) writes = reader.readUint32();
    else if (reader.getFieldNumber() === 3) readBatches = reader.readBool();
    else if (reader.getFieldNumber() === 4) reads = reader.readUint32();
    else reader.skipField();
  }
  const Message = message.constructor as PeerLimits['Message'];
  return { writes: writeBatches ? writes : 0, reads: readBatches ? reads : 0, Message };
}

/** `GetStateMultiple`, answered by `GetStateMultipleResult` with one value per key. */
async function askForMany(shim: ShimStub, limits: PeerLimits, keys: readonly string[]): Promise<Uint8Array[]> {
  const { BinaryReader, BinaryWriter } = protobuf();
  const writer = new BinaryWriter();
  for (const key of keys) writer.writeString(1, key);
  const reader = new BinaryReader(await ask(shim, limits, GET_STATE_MULTIPLE, writer.getResultBuffer()));
  const values: Uint8Array[] = [];
  while (reader.nextField() && !reader.isEndGroup()) {
    if (reader.getFieldNumber() === 1) values.push(reader.readBytes());
    else reader.skipField();
  }
  // With fewer a state would look as if there were none.
  if (values.length !== keys.length) throw new Error(`the peer gave ${values.length} states for ${keys.length} keys`);
  return values;
}

/** `WriteBatchState` of `WriteRecord`s. */
async function tellMany(shim: ShimStub, limits: PeerLimits, entries: readonly StateEntry[]): Promise<void> {
  const writer = new (protobuf().BinaryWriter)();
  for (const entry of entries) {
    writer.writeMessage(1, entry, ({ key, value }, record) => {
      record.writeString(1, key);
      record.writeBytes(2, value);
      record.writeEnum(5, PUT_STATE);
    });
  }
  await ask(shim, limits, WRITE_BATCH_STATE, writer.getResultBuffer());
}

function ask(shim: ShimStub, { Message }: PeerLimits, type: number, payload: Uint8Array): Promise<Buffer> {
  if (shim.handler === undefined) throw new Error('the stub has no conversation');
  const message = new Message();
  message.setType(type);
  message.setPayload(payload);
  message.setTxid(shim.getTxID());
  message.setChannelId(shim.getChannelID());
  return shim.handler._askPeerAndListen(message, `message ${type}`);
}
