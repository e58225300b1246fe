import { stopServer } from './server-of-the-run.js';

/** Jest runs this once, in the process of the set-up, after the last spec. */
export default stopServer;
