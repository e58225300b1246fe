/**
 * Runs `work` over `inputs` with at most `limit` at a time and keeps their order in the result.
 * The first failure rejects; what already runs is awaited before it does, so nothing goes on unseen.
 */
export async function mapLimit<Input, Output>(
  inputs: readonly Input[],
  limit: number,
  work: (input: Input, index: number) => Promise<Output>,
): Promise<Output[]> {
  const outputs = new Array<Output>(inputs.length);
  let next = 0;
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < inputs.length && failure === undefined) {
      const index = next++;
      try {
        outputs[index] = await work(inputs[index] as Input, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, inputs.length) }, lane));
  if (failure !== undefined) throw failure.error;
  return outputs;
}
