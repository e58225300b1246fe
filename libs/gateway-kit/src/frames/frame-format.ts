import { type KeyObject, sign } from 'node:crypto';
import {
  coseSign1,
  encodeFrame,
  encodeSenmlCbor,
  encodeSenmlJson,
  type Frame,
  type SignatureAlgorithm,
} from '@coldchain/telemetry';

/** Forms of `readings` that a gateway may send (interfaces §3). `cose`: signed SenML in CBOR. */
export const FRAME_FORMATS = ['compact', 'senml-json', 'senml-cbor', 'cose'] as const;
export type FrameFormat = (typeof FRAME_FORMATS)[number];

/** The key that frames are signed with. */
export interface FrameSigner {
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  readonly privateKey: KeyObject;
}

type NumberedFrame = Pick<Frame, 'boot' | 'seq' | 'upMs' | 'readings'>;

/**
 * A frame as bytes. `cose` needs a signer; compact JSON is signed where there is one; SenML without COSE has no place for
 * a signature.
 */
export function encodeFrameAs(format: FrameFormat, frame: NumberedFrame, signer: FrameSigner | null): Buffer {
  switch (format) {
    case 'compact':
      return signer === null ? encodeFrame(frame) : signCompact(encodeFrame(frame), signer);
    case 'senml-json':
      return encodeSenmlJson(frame);
    case 'senml-cbor':
      return encodeSenmlCbor(frame);
    case 'cose':
      if (signer === null) throw new Error('a COSE_Sign1 message needs a key');
      return coseSign1(encodeSenmlCbor(frame), signer.algorithm, signer.kid, (bytes) => signatureOf(bytes, signer));
  }
}

/** `sig` is the last member and signs the exact bytes before `,"sig":`. */
function signCompact(frame: Buffer, signer: FrameSigner): Buffer {
  const signed = frame.subarray(0, -1);
  return Buffer.concat([signed, Buffer.from(`,"sig":"${signatureOf(signed, signer).toString('base64url')}"}`)]);
}

/** 64 bytes for either algorithm: ES256 as R and S, not as DER (RFC 7518 §3.4). */
function signatureOf(bytes: Buffer, { algorithm, privateKey }: FrameSigner): Buffer {
  return algorithm === 'Ed25519'
    ? sign(null, bytes, privateKey)
    : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
}
