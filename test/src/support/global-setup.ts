import { startServer } from './server-of-the-run.js';

/** Jest runs this once before the workers start; they inherit the environment it leaves. */
export default startServer;
