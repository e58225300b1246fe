import type { AnswerOf } from '@coldchain/api-contract';
import { merklePath } from '@coldchain/kernel';
import { frameSalt } from '@coldchain/telemetry';
import { Controller, Req } from '@nestjs/common';
import { Input, type InputOf, Operation } from '../http/operation.decorator.js';
import type { ContextRequest } from '../http/request-context.js';
import { RequestProblem } from '../http/request-problem.js';
import { Work } from '../http/work.js';
import { frameOf, treeOf } from './frames.queries.js';
import { modelOf } from './frame-model.js';

/** Proofs that frames were received as they are stored. */
@Controller()
export class FramesController {
  constructor(private readonly work: Work) {}

  @Operation('getFrameProof')
  async proof(
    @Req() request: ContextRequest,
    @Input() { params }: InputOf<'getFrameProof'>,
  ): Promise<AnswerOf<'getFrameProof'>> {
    const { gateway, boot, sequence } = params;
    return this.work.read(request, async (tx) => {
      const frame = await frameOf(tx, gateway, boot, sequence);
      if (frame === undefined) throw new RequestProblem('frame-unknown', 'check gateway, boot and sequence');
      const { index, leaf } = frame;
      if (index === null || leaf === null) throw new RequestProblem('frame-not-rooted', 'it is stored');
      const tree = await treeOf(tx, index);
      const count = tree.leaves.length / 32;
      const entries = Array.from({ length: count }, (_, at) => tree.leaves.subarray(at * 32, at * 32 + 32));
      const name = { organisation: tree.organisation, gateway, boot, sequence };
      const { object, transaction_id: transactionId, block } = tree;
      return {
        frame: {
          ...name,
          salt: frameSalt(tree.secret, name).toString('hex'),
          raw: frame.raw.toString('base64'),
          model: await modelOf(tx, frame),
        },
        tree: {
          log: tree.log,
          index,
          root: tree.root,
          count,
          window: { from: tree.from, to: tree.to },
          previous: tree.previous,
          leaf,
          path: merklePath(entries, leaf).map((node) => node.toString('hex')),
        },
        ledger: object === null || transactionId === null || block === null ? null : { transactionId, block, object },
      };
    });
  }
}
