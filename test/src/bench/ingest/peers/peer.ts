import type { ChildProcess } from 'node:child_process';

/** Where a peer takes messages from and writes to. */
export interface PeerWorld {
  /** Of a Mosquitto whose queue for the client id is filled. */
  readonly brokerPort: number;
  readonly clientId: string;
  readonly filter: string;
  /** As the owner of the database; the schema `peer` is empty. */
  readonly databaseUrl: string;
  /** For its files; goes when it has ended. */
  readonly folder: string;
}

/**
 * What somebody else would take for the same work: a row per reading from frames of compact JSON. None of them keeps the
 * original, knows numbers of gateways, or says to the gateway what is durable.
 */
export abstract class Peer {
  /** For `--only`. */
  abstract readonly name: string;
  /** With the release. */
  abstract readonly title: string;
  /** The table whose rows are readings. */
  readonly table: string = 'peer.reading';
  /** Makes the table; null: the peer makes its own. */
  abstract readonly schema: string | null;
  /** Gets its program into the cache, once. @throws when the program cannot be had */
  abstract install(): void;
  /** Starts it; it goes on until it is killed. */
  abstract start(world: PeerWorld): ChildProcess;
}

/** A row per reading with the key that makes a redelivery harmless. */
export const KEYED_TABLE = `
  CREATE TABLE peer.reading (logger text NOT NULL, at timestamptz NOT NULL, n bigint NOT NULL,
    celsius float8 NOT NULL, humidity float8 NOT NULL, PRIMARY KEY (logger, at, n))`;
