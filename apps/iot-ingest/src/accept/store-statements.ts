import {
  ADD_FRAMES,
  addFramesParameters,
  type NumberedFrame,
  STORE_FRAMES,
  STORE_NEW_FRAMES,
  storeFramesParameters,
} from './frame-statement.js';
import {
  ADD_SINGLES,
  addSinglesParameters,
  STORE_NEW_SINGLES,
  STORE_SINGLES,
  storeSinglesParameters,
} from './single-statement.js';

/** How frames and single readings are stored. */
export interface StoreStatements {
  readonly frames: StoreStatement;
  readonly singles: StoreStatement;
  /** Whether rows are joined: of arrays the planner expects few, and joins large groups row by row. */
  readonly joins: boolean;
}

/** A statement with the name that its plan is kept under. */
export interface StoreStatement {
  readonly name: string;
  readonly text: string;
  /** @param frames by stream and number, no number twice */
  readonly parametersOf: (frames: readonly NumberedFrame[]) => (Buffer | number)[];
}

/** All is new, or nothing is stored. */
export const EXPECTING_NEW: StoreStatements = {
  frames: { name: 'add-frames', text: ADD_FRAMES, parametersOf: addFramesParameters },
  singles: { name: 'add-singles', text: ADD_SINGLES, parametersOf: addSinglesParameters },
  joins: false,
};

/** What came before is left out. */
export const TOLERANT: StoreStatements = {
  frames: { name: 'store-frames', text: STORE_FRAMES, parametersOf: storeFramesParameters },
  singles: { name: 'store-singles', text: STORE_SINGLES, parametersOf: storeSinglesParameters },
  joins: true,
};

/** So is what came before under another key; for after a race. */
export const CAREFUL: StoreStatements = {
  frames: { name: 'store-new-frames', text: STORE_NEW_FRAMES, parametersOf: storeFramesParameters },
  singles: { name: 'store-new-singles', text: STORE_NEW_SINGLES, parametersOf: storeSinglesParameters },
  joins: true,
};
