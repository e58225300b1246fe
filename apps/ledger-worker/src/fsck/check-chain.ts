import type { LedgerBlock, Ledger } from '@coldchain/ledger';
import { effectsOf, type ProjectedAnchor, type ProjectedObject } from '../projection/block-effects.js';
import type { Finding } from './finding.js';

/** An anchor with its block. */
export interface ChainAnchor extends ProjectedAnchor {
  readonly block: number;
}

/** What all blocks together say. */
export interface ChainContent {
  readonly findings: readonly Finding[];
  readonly blocks: number;
  /** By commitment. */
  readonly anchors: ReadonlyMap<string, ChainAnchor>;
  /** The last state of every object by `type key`. */
  readonly objects: ReadonlyMap<string, ProjectedObject & { readonly block: number }>;
}

/** Reads the ledger from block 0 up to a height, checking each block from its own bytes, and folds it anew. */
export async function checkChain(ledger: Ledger, height: number): Promise<ChainContent> {
  const findings: Finding[] = [];
  const anchors = new Map<string, ChainAnchor>();
  const objects = new Map<string, ProjectedObject & { readonly block: number }>();
  let previous: string | null = null;
  let number = 0;
  for (; number < height; number++) {
    const inspected = await ledger.inspect(number, previous);
    if (inspected === undefined) break;
    const { block, problems } = inspected;
    for (const { code, transactionId } of problems) {
      findings.push({ code, subject: `block ${number}`, detail: transactionId ?? '' });
    }
    findings.push(...fold(block, anchors, objects));
    previous = block.headerHash;
  }
  return { findings, blocks: number, anchors, objects };
}

function fold(
  block: LedgerBlock,
  anchors: Map<string, ChainAnchor>,
  objects: Map<string, ProjectedObject & { readonly block: number }>,
): Finding[] {
  const effects = effectsOf(block);
  for (const object of effects.objects) objects.set(`${object.type} ${object.key}`, { ...object, block: block.number });
  return effects.anchors.flatMap((anchor): Finding[] => {
    const { commitment } = anchor.record;
    const known = anchors.get(commitment);
    anchors.set(commitment, { ...anchor, block: block.number });
    if (known === undefined) return [];
    const detail = `in block ${known.block} and block ${block.number}`;
    return [{ code: 'anchored-twice', subject: `anchor ${commitment}`, detail }];
  });
}
