import type { Report } from './report.js';

/** A benchmark: measures its subject and what it is compared with by turns, in one run, and reports medians. */
export type Bench = (context: BenchContext) => Promise<void>;

/** What a benchmark is told. */
export interface BenchContext {
  readonly report: Report;
  /** One short round of everything: shows that it runs; its figures say little. */
  readonly quick: boolean;
  /** Also runs what others use for the same work, where it is installed. */
  readonly peers: boolean;
  /** Names of cases, where a benchmark has several; null: all of them. */
  readonly only: readonly string[] | null;
}

/** Rounds that a median is taken over. */
export const ROUNDS = 3;
