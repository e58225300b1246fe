import { stopServer } from '../server-of-the-run.js';
import { destroyNetwork } from './network-of-the-run.js';

/** Jest runs this once after the last spec on Fabric, in the process of the set-up. */
export default async function tearDown(): Promise<void> {
  const ended = await Promise.allSettled([stopServer(), destroyNetwork()]);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
