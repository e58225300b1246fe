import { ForecastError } from '../forecast-error.js';
import { at } from '../numeric/at.js';

/** A node of a hierarchy of products and sites: the sum of some series. */
export interface HierarchyNode {
  readonly name: string;
  /** Indices of the series that it adds up; one index for a series itself. */
  readonly members: readonly number[];
  /** Forecasts of its own model. */
  readonly forecast: Float64Array;
  /** Variance of its one-step errors; above 0. */
  readonly variance: number;
}

const MOST_ITERATIONS = 1000;

/**
 * Forecasts that add up: those nearest to all nodes' own, each weighted by 1 / variance (WLS, the diagonal of MinT).
 * Weights of one would let totals wreck the single series (research §4). Negative series become 0 before they are
 * added up. Answers the nodes' forecasts in their order. Source: Wickramasuriya, Athanasopoulos, Hyndman, JASA 114 (2019) 804.
 * @throws ForecastError `hierarchy-invalid`
 */
export function reconcile(nodes: readonly HierarchyNode[], seriesCount: number): Float64Array[] {
  const horizon = checkHierarchy(nodes, seriesCount);
  const weights = nodes.map(({ variance }) => 1 / variance);
  const reconciled = nodes.map(() => new Float64Array(horizon));
  for (let h = 0; h < horizon; h++) {
    const series = solve(nodes, weights, seriesCount, h).map((value) => Math.max(value, 0));
    nodes.forEach(({ members }, i) => {
      (reconciled[i] as Float64Array)[h] = members.reduce((sum, member) => sum + at(series, member), 0);
    });
  }
  return reconciled;
}

/** Conjugate gradients with a diagonal preconditioner on (SᵀWS) b = SᵀW f: nothing of the size of S is stored. */
function solve(nodes: readonly HierarchyNode[], weights: readonly number[], count: number, h: number): Float64Array {
  const diagonal = new Float64Array(count);
  const right = new Float64Array(count);
  nodes.forEach(({ members, forecast }, i) => {
    for (const member of members) {
      diagonal[member] = at(diagonal, member) + at(weights, i);
      right[member] = at(right, member) + at(weights, i) * at(forecast, h);
    }
  });
  const multiply = (vector: Float64Array): Float64Array => {
    const product = new Float64Array(count);
    nodes.forEach(({ members }, i) => {
      const sum = at(weights, i) * members.reduce((total, member) => total + at(vector, member), 0);
      for (const member of members) product[member] = at(product, member) + sum;
    });
    return product;
  };
  const solution = right.map((value, i) => value / at(diagonal, i));
  const applied = multiply(solution);
  const residual = right.map((value, i) => value - at(applied, i));
  let preconditioned = residual.map((value, i) => value / at(diagonal, i));
  const direction = preconditioned.slice();
  let product = dot(residual, preconditioned);
  const enough =
    1e-20 *
    Math.max(
      dot(
        right,
        right.map((value, i) => value / at(diagonal, i)),
      ),
      1e-300,
    );
  for (let step = 0; step < MOST_ITERATIONS && product > enough; step++) {
    const image = multiply(direction);
    const length = product / dot(direction, image);
    for (let i = 0; i < count; i++) {
      solution[i] = at(solution, i) + length * at(direction, i);
      residual[i] = at(residual, i) - length * at(image, i);
    }
    preconditioned = residual.map((value, i) => value / at(diagonal, i));
    const next = dot(residual, preconditioned);
    for (let i = 0; i < count; i++) direction[i] = at(preconditioned, i) + (next / product) * at(direction, i);
    product = next;
  }
  return solution;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += at(a, i) * at(b, i);
  return sum;
}

function checkHierarchy(nodes: readonly HierarchyNode[], seriesCount: number): number {
  const refuse = (text: string): never => {
    throw new ForecastError('hierarchy-invalid', text);
  };
  const horizon = nodes[0]?.forecast.length ?? refuse('there is no node');
  const single = new Set<number>();
  for (const { name, members, forecast, variance } of nodes) {
    if (forecast.length !== horizon) refuse(`'${name}' has ${forecast.length} steps, the first node ${horizon}`);
    if (!(variance > 0 && variance < Infinity)) refuse(`the variance of '${name}' is ${variance}`);
    if (new Set(members).size !== members.length || members.length === 0)
      refuse(`'${name}' has no or repeated members`);
    if (members.some((member) => !Number.isInteger(member) || member < 0 || member >= seriesCount)) {
      refuse(`'${name}' has a member that is no series`);
    }
    if (members.length === 1) single.add(members[0] as number);
  }
  if (single.size !== seriesCount) refuse(`${single.size} of ${seriesCount} series have a node of their own`);
  return horizon;
}
