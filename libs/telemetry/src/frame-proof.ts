import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { leadsTo } from '@coldchain/kernel';
import { decodeReadings } from './decode.js';
import type { DecodedFrame } from './frame.js';
import { frameCommitment, type FrameName } from './frame-commitment.js';
import { decodeMapped } from './mapping/decode-mapped.js';
import { type RegisteredModel, usableModel } from './mapping/gateway-model.js';
import type { FrameReading } from './reading.js';

/** A root as the ledger keeps it (`RootState` of the contract). */
export interface AnchoredRoot {
  readonly log: string;
  readonly index: number;
  readonly party: string;
  readonly root: string;
  readonly count: number;
  readonly window: { readonly from: number; readonly to: number };
  readonly previous: string | null;
}

/** A frame with all that leads from its bytes to a root on the ledger. Digests are 64 hex digits, lower case. */
export interface FrameProof {
  readonly frame: FrameName & {
    readonly salt: string;
    /** The received bytes, base64. */
    readonly raw: string;
    /**
     * How the bytes are read where they are of another system's form; null: one of the platform's own. Bytes are under
     * the root, how they are read is not: it is what the giver of the proof says.
     */
    readonly model: RegisteredModel | null;
  };
  readonly tree: Omit<AnchoredRoot, 'party'> & {
    /** The frame's place among the leaves. */
    readonly leaf: number;
    /** From the leaf to the root. */
    readonly path: readonly string[];
  };
  /** Where the root stands on the ledger; null: not there yet. */
  readonly ledger: {
    readonly transactionId: string;
    readonly block: number;
    readonly object: AnchoredRoot;
  } | null;
}

/**
 * What can be wrong with a proof. `model-unusable`: the model that it names is unknown, or its mapping is none;
 * `form-ambiguous`: the bytes are of the platform's own form as well, and have other values by that;
 * `number-differs`: the bytes carry another boot or sequence than the proof says;
 * `path-wrong`: frame, salt, place or path do not lead to the root; `object-differs`: the ledger's object is another
 * root; `root-differs`: not the root that the verifier had from the ledger himself; `not-anchored`: no ledger object.
 */
export type FrameProofProblem =
  | 'model-unusable'
  | 'form-ambiguous'
  | 'frame-unreadable'
  | 'number-differs'
  | 'path-wrong'
  | 'object-differs'
  | 'root-differs'
  | 'not-anchored';

/** Result of {@link verifyFrameProof}. */
export interface FrameProofCheck {
  /** Empty: all holds. */
  readonly problems: readonly FrameProofProblem[];
  /** What the bytes say; empty when they cannot be read. */
  readonly readings: readonly FrameReading[];
}

const hexOf = (text: string): Buffer => (/^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0));

/**
 * Checks a proof with nothing but itself: bytes against number, frame against root, root against the ledger's object, and
 * against a root that the verifier has got from the ledger, if he has one. Whether the object really stands in that block
 * is for a member of the channel to ask.
 */
export function verifyFrameProof(proof: FrameProof, trustedRoot: string | null = null): FrameProofCheck {
  const { frame, tree, ledger } = proof;
  const problems: FrameProofProblem[] = [];
  const raw = Buffer.from(frame.raw, 'base64');
  const { decoded, isAmbiguous } = readFrame(raw, frame.model);
  if (isAmbiguous) problems.push('form-ambiguous');
  if (decoded === null) problems.push('model-unusable');
  else if (!decoded.ok) problems.push('frame-unreadable');
  else if (decoded.frame.boot !== null || decoded.frame.seq !== null) {
    // A frame without numbers of its own is named by the platform.
    if (decoded.frame.boot !== frame.boot || decoded.frame.seq !== frame.sequence) problems.push('number-differs');
  }
  if (!leads(proof, createHash('sha256').update(raw).digest())) problems.push('path-wrong');
  if (ledger === null) problems.push('not-anchored');
  else if (!sameRoot(tree, ledger.object)) problems.push('object-differs');
  if (trustedRoot !== null && trustedRoot !== tree.root) problems.push('root-differs');
  return { problems, readings: decoded?.ok === true ? decoded.frame.readings : [] };
}

interface ReadFrame {
  /** Null: the model cannot be used. */
  readonly decoded: DecodedFrame | null;
  readonly isAmbiguous: boolean;
}

/**
 * What carries a number in one of the platform's own forms is read as that, whatever model a proof names for it: its
 * number is under the root. What has none of its own can be of either form.
 */
function readFrame(raw: Buffer, registered: RegisteredModel | null): ReadFrame {
  const options = { now: Number.MAX_SAFE_INTEGER, oldest: Number.MIN_SAFE_INTEGER, unsequenced: 'accept' } as const;
  const own = decodeReadings(raw, options);
  if (registered === null || (own.ok && own.frame.boot !== null)) return { decoded: own, isAmbiguous: false };
  const model = usableModel(registered);
  const decoded = model === null ? null : decodeMapped(raw, model, options);
  const isOther = !(own.ok && decoded?.ok === true) || !isDeepStrictEqual(own.frame.readings, decoded.frame.readings);
  return { decoded, isAmbiguous: own.ok && isOther };
}

function leads({ frame, tree }: FrameProof, sha256: Buffer): boolean {
  const salt = hexOf(frame.salt);
  if (salt.length !== 32 || !Number.isSafeInteger(frame.sequence) || frame.sequence < 0) return false;
  if ([frame.organisation, frame.gateway, frame.boot].some((text) => Buffer.byteLength(text) > 0xffff)) return false;
  return leadsTo(hexOf(tree.root), frameCommitment(salt, frame, sha256), {
    index: tree.leaf,
    size: tree.count,
    path: tree.path.map(hexOf),
  });
}

function sameRoot(tree: Omit<AnchoredRoot, 'party'>, object: AnchoredRoot): boolean {
  return (
    tree.log === object.log &&
    tree.index === object.index &&
    tree.root === object.root &&
    tree.count === object.count &&
    tree.previous === object.previous &&
    tree.window.from === object.window.from &&
    tree.window.to === object.window.to
  );
}
