import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { merklePath, merkleRoot } from '@coldchain/kernel';
import fc from 'fast-check';
import { encodeFrame } from './decode.js';
import { frameCommitment, type FrameName, frameSalt } from './frame-commitment.js';
import { type AnchoredRoot, type FrameProof, verifyFrameProof } from './frame-proof.js';
import type { RegisteredModel } from './mapping/gateway-model.js';

const SECRET = Buffer.alloc(32, 7);
const LOG = 'ab'.repeat(32);

const nameOf = (sequence: number): FrameName => ({ organisation: 'north', gateway: 'g1', boot: 'b1', sequence });
const rawOf = (sequence: number): Buffer =>
  encodeFrame({
    boot: 'b1',
    seq: sequence,
    readings: [
      { logger: 'L1', at: 1_700_000_000_000 + sequence, milliCelsius: 5_000, humidityPermille: null, counter: null },
    ],
  });

/** The proof of one frame of a tree over `count` frames. */
function proofOf(count: number, leaf: number): FrameProof {
  const entries = Array.from({ length: count }, (_, sequence) => {
    const name = nameOf(sequence);
    return frameCommitment(frameSalt(SECRET, name), name, createHash('sha256').update(rawOf(sequence)).digest());
  });
  const root = {
    log: LOG,
    index: 0,
    root: merkleRoot(entries).toString('hex'),
    count,
    window: { from: 1, to: 2 },
    previous: null,
  };
  const name = nameOf(leaf);
  return {
    frame: { ...name, salt: frameSalt(SECRET, name).toString('hex'), raw: rawOf(leaf).toString('base64'), model: null },
    tree: { ...root, leaf, path: merklePath(entries, leaf).map((node) => node.toString('hex')) },
    ledger: { transactionId: 'f'.repeat(64), block: 3, object: { ...root, party: 'NorthMSP:north' } },
  };
}

const sized = fc
  .integer({ min: 1, max: 60 })
  .chain((count) => fc.tuple(fc.constant(count), fc.nat({ max: count - 1 })));

const flippedHex = (hex: string, bit: number): string => {
  const bytes = Buffer.from(hex, 'hex');
  const at = (bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('hex');
};

describe('proof of a frame', () => {
  it('holds for every frame of a tree, and tells its readings', () => {
    fc.assert(
      fc.property(sized, ([count, leaf]) => {
        const { problems, readings } = verifyFrameProof(proofOf(count, leaf));
        expect(problems).toEqual([]);
        expect(readings).toMatchObject([{ logger: 'L1', milliCelsius: 5_000 }]);
      }),
    );
  });

  it('holds for no other frame', () => {
    fc.assert(
      fc.property(sized, fc.nat({ max: 59 }), ([count, leaf], other) => {
        const proof = proofOf(count, leaf);
        const frame = { ...proofOf(60, other).frame };
        expect(verifyFrameProof({ ...proof, frame }).problems).toEqual(other === leaf ? [] : ['path-wrong']);
      }),
    );
  });

  it('refuses each changed bit of the bytes', () => {
    const proof = proofOf(5, 3);
    const raw = rawOf(3);
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const changed = Buffer.from(raw);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const frame = { ...proof.frame, raw: changed.toString('base64') };
      expect(verifyFrameProof({ ...proof, frame }).problems).toContain('path-wrong');
    }
  });

  it('refuses each changed bit of salt, root and path', () => {
    fc.assert(
      fc.property(sized, fc.nat({ max: 255 }), ([count, leaf], bit) => {
        const proof = proofOf(count, leaf);
        const salted = { ...proof, frame: { ...proof.frame, salt: flippedHex(proof.frame.salt, bit) } };
        expect(verifyFrameProof(salted).problems).toEqual(['path-wrong']);
        const rooted = { ...proof, tree: { ...proof.tree, root: flippedHex(proof.tree.root, bit) } };
        expect(verifyFrameProof(rooted).problems).toEqual(['path-wrong', 'object-differs']);
        for (const [at, node] of proof.tree.path.entries()) {
          const tree = { ...proof.tree, path: proof.tree.path.with(at, flippedHex(node, bit)) };
          expect(verifyFrameProof({ ...proof, tree }).problems).toEqual(['path-wrong']);
        }
      }),
    );
  });

  it.each([
    ['organisation', 'south'],
    ['gateway', 'g2'],
    ['boot', 'b2'],
    ['sequence', 4],
  ] as const)('binds the %s', (member, value) => {
    const proof = proofOf(5, 3);
    expect(verifyFrameProof({ ...proof, frame: { ...proof.frame, [member]: value } }).problems).toContain('path-wrong');
  });

  it('keeps names apart that are the same when put together', () => {
    const digest = Buffer.alloc(32);
    const one = frameCommitment(SECRET, { organisation: 'ab', gateway: 'c', boot: 'd', sequence: 1 }, digest);
    const other = frameCommitment(SECRET, { organisation: 'a', gateway: 'bc', boot: 'd', sequence: 1 }, digest);
    expect(one.equals(other)).toBe(false);
  });

  it('refuses another number than the bytes carry, also when it is under the root', () => {
    const raw = rawOf(9);
    const name = nameOf(3);
    const salt = frameSalt(SECRET, name);
    const entry = frameCommitment(salt, name, createHash('sha256').update(raw).digest());
    const proof = proofOf(1, 0);
    const root = merkleRoot([entry]).toString('hex');
    if (proof.ledger === null) throw new Error('it is anchored');
    const object = { ...proof.ledger.object, root };
    expect(
      verifyFrameProof({
        frame: { ...name, salt: salt.toString('hex'), raw: raw.toString('base64'), model: null },
        tree: { ...proof.tree, root },
        ledger: { transactionId: 'f'.repeat(64), block: 3, object },
      }).problems,
    ).toEqual(['number-differs']);
  });

  it.each([
    ['root', 'cd'.repeat(32)],
    ['log', 'cd'.repeat(32)],
    ['index', 1],
    ['count', 6],
    ['previous', 'cd'.repeat(32)],
    ['window', { from: 1, to: 3 }],
  ] as const)('refuses a ledger object with another %s', (member, value) => {
    const proof = proofOf(5, 3);
    if (proof.ledger === null) throw new Error('it is anchored');
    const ledger = { ...proof.ledger, object: { ...proof.ledger.object, [member]: value } };
    expect(verifyFrameProof({ ...proof, ledger }).problems).toEqual(['object-differs']);
  });

  it('compares with a root that the verifier has himself, and says when none is on the ledger', () => {
    const proof = proofOf(5, 3);
    expect(verifyFrameProof(proof, proof.tree.root).problems).toEqual([]);
    expect(verifyFrameProof(proof, 'cd'.repeat(32)).problems).toEqual(['root-differs']);
    expect(verifyFrameProof({ ...proof, ledger: null }).problems).toEqual(['not-anchored']);
  });

  describe('of a message of another system', () => {
    const raw = Buffer.from('{"probe":"P1","at":1700000000,"t":512}');
    const mapping = { logger: '/probe', time: '/at', timeForm: 's', celsius: '/t', celsiusScale: 0.01 };
    const sequence = createHash('sha256').update(raw).digest().readUIntBE(0, 6);
    const mapped = (model: RegisteredModel | null, received = raw): FrameProof => {
      const name = nameOf(sequence);
      const leaf = frameCommitment(frameSalt(SECRET, name), name, createHash('sha256').update(received).digest());
      const proof = proofOf(1, 0);
      const root = { ...proof.tree, root: merkleRoot([leaf]).toString('hex') };
      const object = { ...(proof.ledger?.object as AnchoredRoot), root: root.root };
      return {
        frame: { ...name, salt: frameSalt(SECRET, name).toString('hex'), raw: received.toString('base64'), model },
        tree: root,
        ledger: { transactionId: 'f'.repeat(64), block: 3, object },
      };
    };

    it('is read by the model that it names', () => {
      const { problems, readings } = verifyFrameProof(mapped({ name: 'own', mapping }));
      expect(problems).toEqual([]);
      expect(readings).toEqual([
        { logger: 'P1', at: 1_700_000_000_000, milliCelsius: 5120, humidityPermille: null, counter: null },
      ]);
    });

    it('is read as the platform’s own where it is that, whatever model is named', () => {
      const proof = proofOf(2, 1);
      const forged = { logger: '/boot', time: '/seq', timeForm: 'ms', celsius: '/seq' };
      const frame = { ...proof.frame, model: { name: 'own', mapping: forged } };
      expect(verifyFrameProof({ ...proof, frame })).toEqual(verifyFrameProof(proof));
    });

    it('is not taken for the platform’s own where that has other values: which it was, the root does not say', () => {
      const short = Buffer.from('{"d":"P1","t":1700000000000,"c":55}');
      const model = (celsiusScale: number): RegisteredModel => {
        return { name: 'own', mapping: { logger: '/d', time: '/t', timeForm: 'ms', celsius: '/c', celsiusScale } };
      };
      const tenths = verifyFrameProof(mapped(model(0.1), short));
      expect(tenths).toMatchObject({ problems: ['form-ambiguous'], readings: [{ milliCelsius: 5_500 }] });
      const same = verifyFrameProof(mapped(model(1), short));
      expect(same).toMatchObject({ problems: [], readings: [{ milliCelsius: 55_000 }] });
    });

    it.each([
      ['no model', null, 'frame-unreadable'],
      ['another model', { name: 'chirpstack-v4', mapping: null }, 'frame-unreadable'],
      ['a model that is unknown', { name: 'toString', mapping: null }, 'model-unusable'],
      ['a mapping that is none', { name: 'own', mapping: { logger: 7 } }, 'model-unusable'],
    ])('has no readings by %s', (_what, model, problem) => {
      expect(verifyFrameProof(mapped(model))).toEqual({ problems: [problem], readings: [] });
    });
  });
});
