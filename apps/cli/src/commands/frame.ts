import { FrameProofAnswer } from '@coldchain/api-contract';
import { type FrameProofProblem, verifyFrameProof } from '@coldchain/telemetry';
import { ApiClient } from '../api/api-client.js';
import { apiAccess } from '../api/credentials.js';
import { CliError, usageError } from '../cli-error.js';
import type { ExitCode, Invocation } from '../command.js';
import { readJson } from '../input.js';

/** Prints the proof of a frame as JSON, to be kept and given away. */
export async function runFrameProve(invocation: Invocation): Promise<ExitCode> {
  const { positionals, terminal } = invocation;
  const [gateway = '', boot = '', sequence = ''] = positionals;
  const client = new ApiClient(apiAccess(invocation, ['device-manager', 'quality', 'auditor', 'administrator']));
  const path = ['gateways', gateway, 'frames', boot, sequence, 'proof'].map(encodeURIComponent).join('/');
  const proof = FrameProofAnswer.parse(await client.get(`/v1/${path}`));
  terminal.out(JSON.stringify(proof));
  if (proof.ledger === null) terminal.note('its root is not on the ledger yet: ask again later');
  return proof.ledger === null ? 2 : 0;
}

const SENTENCES: Readonly<Record<FrameProofProblem, string>> = {
  'model-unusable': 'the model that it names is unknown here, or its mapping is none',
  'form-ambiguous': 'the bytes are of the platform’s own form as well, and have other values by that',
  'frame-unreadable': 'the bytes are no frame',
  'number-differs': 'the bytes carry another boot or sequence than the proof names',
  'path-wrong': 'frame, place and path do not lead to the root',
  'object-differs': 'the ledger’s object is of another root',
  'root-differs': 'the root is not the one given with --root',
  'not-anchored': 'the root was not on the ledger when the proof was made',
};

/** Checks a proof without any server. 0 it holds, 1 it does not, 2 it does as far as it goes: not on the ledger yet. */
export async function runFrameVerify({ positionals, options, json, terminal }: Invocation): Promise<ExitCode> {
  const root = options.text('root');
  if (root !== undefined && !/^[0-9a-f]{64}$/.test(root)) {
    throw usageError('--root is 64 lower-case hex digits', 'frame verify');
  }
  const parsed = FrameProofAnswer.safeParse(await readJson(positionals[0] ?? '-', terminal));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new CliError(
      'proof-invalid',
      `this is no proof of a frame: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      'give a file that "coldchain frame prove" wrote',
    );
  }
  const proof = parsed.data;
  const { problems, readings } = verifyFrameProof(proof, root ?? null);
  const { frame, tree, ledger } = proof;
  if (json) terminal.out(JSON.stringify({ problems, readings, tree, ledger }));
  else {
    const name = `${frame.organisation}/${frame.gateway} ${frame.boot} ${frame.sequence}`;
    const by = frame.model === null ? '' : ` as read by model ${frame.model.name}`;
    terminal.out(`frame  ${name}, ${readings.length} readings${by}`);
    terminal.out(`root   ${tree.root}, leaf ${tree.leaf} of ${tree.count}, tree ${tree.index} of log ${tree.log}`);
    if (ledger !== null) {
      terminal.out(`ledger transaction ${ledger.transactionId} in block ${ledger.block} by ${ledger.object.party}`);
    }
    if (frame.model !== null)
      terminal.note('The root covers the bytes; by which model they are read is what the proof says.');
    for (const problem of problems) terminal.note(`${problem}: ${SENTENCES[problem]}`);
    if (problems.length === 0) {
      terminal.out('The frame is under this root, and the proof’s ledger object is this root.');
      if (root === undefined) {
        terminal.note(
          'Not checked here: that the ledger holds it. Ask a peer for that transaction, or give its root with --root.',
        );
      }
    }
  }
  if (problems.some((problem) => problem !== 'not-anchored')) return 1;
  return problems.length > 0 ? 2 : 0;
}
