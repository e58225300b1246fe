/**
 * A source `x` of rows out of array parameters of one length: by column the parameter and the type of its elements. In a
 * list of results the arrays are walked side by side; in FROM the server would first write each of them into a store.
 */
export function rowsOfArrays(columns: Readonly<Record<string, `$${number}::${string}`>>): string {
  const walked = Object.entries(columns).map(([column, parameter]) => `unnest(${parameter}[]) AS ${column}`);
  return `(SELECT ${walked.join(', ')}) AS x`;
}
