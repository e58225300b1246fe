import { startServer } from '../server-of-the-run.js';
import { reserveNetwork } from './network-of-the-run.js';

/** Jest runs this once before the specs on Fabric. */
export default async function setUp(): Promise<void> {
  await reserveNetwork();
  await startServer();
}
