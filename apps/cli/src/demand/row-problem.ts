import type { Invocation, Terminal } from '../command.js';

/** Why a row or a series is refused. */
export interface RowProblem {
  readonly code: string;
  /** Says the line where there is one. */
  readonly text: string;
  readonly nextStep: string;
}

const MOST_NOTES = 20;

/** Tells a problem as an error is told. */
export function tellProblem(
  { terminal, json }: Pick<Invocation, 'terminal' | 'json'>,
  { code, text, nextStep }: RowProblem,
): void {
  if (json) terminal.note(JSON.stringify({ error: { code, text, nextStep } }));
  else terminal.note(`coldchain: ${code}: ${text} – ${nextStep}`);
}

/** Tells problems as errors are told, the first twenty in full: a file of a million wrong rows must stay readable. */
export class ProblemNotes {
  private count = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly json: boolean,
  ) {}

  add(problem: RowProblem): void {
    this.count++;
    if (this.count <= MOST_NOTES) tellProblem({ terminal: this.terminal, json: this.json }, problem);
  }

  /** Ends the list. */
  end(): void {
    if (this.count > MOST_NOTES && !this.json) this.terminal.note(`… and ${this.count - MOST_NOTES} more problems`);
  }
}
