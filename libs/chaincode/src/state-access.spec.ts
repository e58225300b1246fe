import { EventEmitter } from 'node:events';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { BinaryReader, BinaryWriter } from 'google-protobuf';
import { quietShim } from './quiet-shim';
import { type StateEntry, stateAccess, takeManyStatesAtOnce } from './state-access';
import type * as Handler from 'fabric-shim/lib/handler';

/** Types of messages (fabric-protos, peer/chaincode_shim.proto). */
const [REGISTER, REGISTERED, READY, RESPONSE] = [1, 2, 4, 13];

/** A message as protoc generates it. */
class Letter implements Handler.ChaincodeMessage {
  private type = 0;
  private payload = new Uint8Array();
  private transactionId = '';
  private channel = '';
  getType = (): number => this.type;
  getPayload_asU8 = (): Uint8Array => this.payload;
  getTxid = (): string => this.transactionId;
  getChannelId = (): string => this.channel;
  getProposal = (): undefined => undefined;
  getChaincodeEvent = (): undefined => undefined;
  setType(type: number): void {
    this.type = type;
  }
  setPayload(payload: Uint8Array): void {
    this.payload = Uint8Array.from(payload);
  }
  setTxid(transactionId: string): void {
    this.transactionId = transactionId;
  }
  setChannelId(channel: string): void {
    this.channel = channel;
  }
}

interface Message {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** A peer at the other end of the shim's own conversation, which answers as Fabric 3.1's handler does. */
class Peer extends EventEmitter {
  readonly messages: Message[] = [];
  readonly states = new Map<string, Uint8Array>();
  /** How many values a wrong answer has too few. */
  withheld = 0;

  /** What the chaincode's side writes. */
  write(message: Handler.ChaincodeMessage): void {
    const [type, payload] = [message.getType(), message.getPayload_asU8()];
    this.messages.push({ type, payload });
    if (type === GET_STATE_MULTIPLE) setImmediate(() => this.emit('data', messageOf(RESPONSE, this.manyOf(payload))));
    if (type === WRITE_BATCH_STATE) setImmediate(() => this.emit('data', messageOf(RESPONSE, this.keep(payload))));
  }

  /** Says what it takes, as `ChaincodeAdditionalParams`, or nothing as older peers. */
  begin(limits: { readonly writes: number; readonly reads: number } | undefined): void {
    const writer = new BinaryWriter();
    if (limits !== undefined) {
      writer.writeEnum(1, 1);
      writer.writeEnum(2, limits.writes);
      writer.writeEnum(3, 1);
      writer.writeEnum(4, limits.reads);
    }
    this.emit('data', messageOf(REGISTERED, new Uint8Array()));
    this.emit('data', messageOf(READY, writer.getResultBuffer()));
  }

  private manyOf(payload: Uint8Array): Uint8Array {
    const writer = new BinaryWriter();
    for (const key of fieldsOf(payload).slice(this.withheld)) {
      writer.writeBytes(1, this.states.get(Buffer.from(key).toString()) ?? new Uint8Array());
    }
    return writer.getResultBuffer();
  }

  private keep(payload: Uint8Array): Uint8Array {
    for (const record of fieldsOf(payload)) {
      const reader = new BinaryReader(record);
      let [key, value, kind] = ['', new Uint8Array(), 0];
      while (reader.nextField()) {
        if (reader.getFieldNumber() === 1) key = Buffer.from(reader.readBytes()).toString();
        else if (reader.getFieldNumber() === 2) value = Uint8Array.from(reader.readBytes());
        else kind = reader.readUint32();
      }
      expect(kind).toBe(PUT_STATE);
      this.states.set(key, value);
    }
    return new Uint8Array();
  }
}

const PUT_STATE = 9;
const WRITE_BATCH_STATE = 24;
const GET_STATE_MULTIPLE = 25;

function messageOf(type: number, payload: Uint8Array): Letter {
  const message = new Letter();
  message.setType(type);
  message.setPayload(payload);
  message.setTxid('t');
  message.setChannelId('coldchain');
  return message;
}

/** Every field with the number 1. */
function fieldsOf(payload: Uint8Array): Uint8Array[] {
  const reader = new BinaryReader(payload);
  const fields: Uint8Array[] = [];
  while (reader.nextField()) fields.push(reader.readBytes());
  return fields;
}

/** What a stub of the shim asks one by one, counted. */
class SingleStub {
  readonly single: string[] = [];
  constructor(
    readonly handler: Handler.ChaincodeMessageHandler,
    private readonly states: Map<string, Uint8Array>,
  ) {}
  getTxID = (): string => 't';
  getChannelID = (): string => 'coldchain';
  getState = async (key: string): Promise<Uint8Array> => {
    this.single.push(`get ${key}`);
    return this.states.get(key) ?? new Uint8Array();
  };
  putState = async (key: string, value: Uint8Array): Promise<void> => {
    this.single.push(`put ${key}`);
    this.states.set(key, value);
  };
}

let Conversation: new (stream: object, chaincode: object) => Handler.ChaincodeMessageHandler;
beforeAll(() => {
  quietShim(['debug', 'info', 'warn', 'error']);
  takeManyStatesAtOnce();
  ({ ChaincodeMessageHandler: Conversation } = require('fabric-shim/lib/handler'));
});

function converse(limits: { readonly writes: number; readonly reads: number } | undefined): [Peer, SingleStub] {
  const told = new Peer();
  const handler = new Conversation(told, {});
  handler.chat(messageOf(REGISTER, new Uint8Array()));
  told.begin(limits);
  return [told, new SingleStub(handler, told.states)];
}

const entries: StateEntry[] = Array.from({ length: 50 }, (_, index) => ({
  key: `unit:${index}`,
  value: Buffer.from(`state ${index}`),
}));
const sent = (told: Peer, type: number): number => told.messages.filter((message) => message.type === type).length;

describe('states of a call', () => {
  test('go in one message each way where the peer says that it takes many', async () => {
    const [told, stub] = converse({ writes: 1000, reads: 1000 });
    await stateAccess(stub).putStates(entries);
    const values = await stateAccess(stub).getStates([...entries.map(({ key }) => key), 'unit:none']);
    expect(values.map((value) => Buffer.from(value).toString())).toEqual([
      ...entries.map(({ value }) => Buffer.from(value).toString()),
      '',
    ]);
    expect([sent(told, WRITE_BATCH_STATE), sent(told, GET_STATE_MULTIPLE), stub.single]).toEqual([1, 1, []]);
  });

  test('go in portions that the peer takes', async () => {
    const [told, stub] = converse({ writes: 20, reads: 30 });
    await stateAccess(stub).putStates(entries);
    expect(await stateAccess(stub).getStates(entries.map(({ key }) => key))).toHaveLength(50);
    expect([sent(told, WRITE_BATCH_STATE), sent(told, GET_STATE_MULTIPLE)]).toEqual([3, 2]);
    expect(told.states.size).toBe(50);
  });

  test.each([
    ['says nothing of it', undefined],
    ['takes one only', { writes: 1, reads: 1 }],
  ])('go one by one to a peer that %s', async (_name, limits) => {
    const [told, stub] = converse(limits);
    await stateAccess(stub).putStates(entries);
    const values = await stateAccess(stub).getStates(['unit:7', 'unit:none']);
    expect(values.map((value) => Buffer.from(value).toString())).toEqual(['state 7', '']);
    expect(stub.single).toHaveLength(52);
    expect([sent(told, WRITE_BATCH_STATE), sent(told, GET_STATE_MULTIPLE)]).toEqual([0, 0]);
  });

  test('an answer with too few values is an error: a state would look as if there were none', async () => {
    const [told, stub] = converse({ writes: 1000, reads: 1000 });
    told.withheld = 1;
    await expect(stateAccess(stub).getStates(['a', 'b'])).rejects.toThrow('1 states for 2 keys');
  });

  test('a stub that offers many itself is asked itself', async () => {
    const stub = {
      getStates: async (keys: readonly string[]) => keys.map((key) => Buffer.from(key)),
      putStates: async () => undefined,
    };
    expect((await stateAccess(stub).getStates(['a', 'b'])).map(String)).toEqual(['a', 'b']);
  });
});
