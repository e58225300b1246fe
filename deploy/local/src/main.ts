import { type Configuration, failureLine, loadConfiguration, printConfiguration } from '@coldchain/runtime';
import { announcement } from './announcement.js';
import type { Demonstration } from './demonstration/demonstration.js';
import { demonstration } from './demonstration/index.js';
import { runDemonstration } from './demonstration/run-demonstration.js';
import { readAccounts } from './first-start/accounts.js';
import { Installation, type StartedInstallation } from './installation.js';
import { LocalError } from './local-error.js';
import { stopRequest } from './stop-request.js';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const printError = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
// Who reads our output may be gone before us; that must not keep us from stopping the children.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

await main();

async function main(): Promise<void> {
  try {
    if (process.argv.includes('--check-config')) print(printConfiguration('local'));
    else await run(loadConfiguration('local'));
  } catch (error) {
    printError(failureLine('coldchain did not start', error, null));
    process.exit(1);
  }
}

/** Starts, waits until somebody asks to stop or something ends by itself, and stops. */
async function run(configuration: Configuration<'local'>): Promise<void> {
  const installation = new Installation(configuration, (name) =>
    print(`${name} of the Fabric network has ended, the others go on; \`npm run fabric -- up\` starts it again`),
  );
  const asked = stopRequest(installation);
  let status = 0;
  let ready = false;
  try {
    if (configuration.ledger === 'fabric') print('Starting with a Hyperledger Fabric network …');
    const started = await installation.start();
    ready = true;
    print(announcement(started, readAccounts(started.dataDir), process.uptime() * 1000));
    if (demonstration !== null && configuration.demo === 'on') await demonstrate(demonstration, installation, started);
    const failure = await Promise.race([asked, installation.failed]);
    if (failure !== 'asked') throw failure;
    print('stopping …');
  } catch (error) {
    status = error instanceof LocalError && error.code === 'interrupted' ? 130 : 1;
    printError(failureLine(ready ? 'coldchain cannot go on' : 'coldchain did not start', error, configuration));
  }
  const clean = await installation.stop();
  if (!clean) printError('not everything stopped in order, see the logs');
  process.exit(clean ? status : 1);
}

/** What it cannot show must not take the servers down: they are ready, and the next start tries again. */
async function demonstrate(
  story: Demonstration,
  installation: Installation,
  started: StartedInstallation,
): Promise<void> {
  try {
    await runDemonstration(story, installation, started, print);
  } catch (error) {
    if (!installation.signal.aborted) printError(failureLine('the demonstration is incomplete', error, null));
  }
}
