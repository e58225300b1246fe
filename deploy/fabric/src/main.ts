import { SystemClock, SystemRandom } from '@coldchain/kernel';
import { type Configuration, failureLine, loadConfiguration } from '@coldchain/runtime';
import { FabricError } from './fabric-error.js';
import { FabricNetwork } from './fabric-network.js';
import type { NetworkStatus } from './network-status.js';
import { installPrograms } from './programs.js';

/** Exit statuses of the command line, as of `coldchain`. */
const EXIT = { done: 0, refused: 1, incomplete: 2, usage: 64 } as const;

const USAGE = `npm run fabric -- COMMAND

  install          builds the programs of Hyperledger Fabric into a cache, once (needs Go)
  up               makes the network where there is none, starts what does not run; repairs
  deploy           makes the built chaincode the channel's, and puts the regulator on the ledger
  status [--json]  heights of peers and orderers, chaincode definition; status 2 when something is wrong
  identity PARTY   identity of a party, such as PharmacyMSP:pharmacy-north; prints its folder
  down             stops every process; the chain stays
  destroy          stops every process and deletes the chain`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** What a command works with. */
interface Call {
  readonly configuration: Configuration<'local'>;
  readonly network: FabricNetwork;
  /** When it began, on the monotonic clock. */
  readonly began: number;
  readonly argument: string | undefined;
}

/** Each answers with the exit status. */
const COMMANDS: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  async install({ configuration, began }) {
    const { bin, built } = await installPrograms(configuration);
    print(built ? `built in ${seconds(began)}: ${bin}` : `present: ${bin}`);
    return EXIT.done;
  },
  async up({ network, began }) {
    const { started, meshed } = await network.up();
    print(started.length === 0 ? 'everything was running' : `started ${started.join(', ')}`);
    print(`up in ${seconds(began)}: ${network.layout.root}`);
    if (!meshed) print('peers do not know each other yet: transactions may fail for some seconds');
    return EXIT.done;
  },
  async deploy({ network, began }) {
    const { sequence, version, committed, regulator, seeded } = await network.deploy();
    print(`chaincode ${version}, sequence ${sequence}${committed ? '' : ' (agreed before)'}`);
    print(`regulator ${regulator} ${seeded ? 'put on the ledger' : 'was on the ledger'}`);
    print(`deployed in ${seconds(began)}`);
    return EXIT.done;
  },
  async status({ network, argument }) {
    const status = await network.status();
    print(argument === '--json' ? JSON.stringify(status) : describe(status));
    return status.problems.length === 0 ? EXIT.done : EXIT.incomplete;
  },
  async identity({ network, argument }) {
    const { msp, expiresAt, issued } = await network.identity(argument ?? '');
    process.stderr.write(`${issued ? 'issued' : 'present'}, valid until ${expiresAt.toISOString()}\n`);
    print(msp);
    return EXIT.done;
  },
  async down({ network, began }) {
    const stopped = await network.down();
    print(stopped.length === 0 ? 'nothing was running' : `stopped ${stopped.length} processes in ${seconds(began)}`);
    return EXIT.done;
  },
  async destroy({ network }) {
    print((await network.destroy()) ? `deleted the network in ${network.layout.root}` : 'there was no network');
    return EXIT.done;
  },
};

async function run([command, argument, ...others]: readonly string[]): Promise<number> {
  if (command === undefined || command === '--help' || command === 'help') {
    print(USAGE);
    return command === undefined ? EXIT.usage : EXIT.done;
  }
  const work = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  const fits =
    command === 'identity' ? argument !== undefined : argument === undefined || isJsonStatus(command, argument);
  if (work === undefined || !fits || others.length > 0) throw usage();
  const configuration = loadConfiguration('local');
  const network = new FabricNetwork(configuration, new SystemClock(), new SystemRandom());
  return work({ configuration, network, began: performance.now(), argument });
}

const isJsonStatus = (command: string, argument: string): boolean => command === 'status' && argument === '--json';
const usage = (): FabricError => new FabricError('usage', 'unknown command or argument', `usage:\n${USAGE}`);

function describe({ processes, organisations, served, problems }: NetworkStatus): string {
  const running = processes.filter(({ pid }) => pid !== null).length;
  const lines = [`${running} of ${processes.length} processes run`];
  for (const { mspid, peer, orderer, definition } of organisations) {
    const chaincode = definition === null ? 'none' : `${definition.version.slice(0, 16)} #${definition.sequence}`;
    lines.push(
      `${mspid.padEnd(16)} peer ${peer?.height ?? '–'}  orderer ${orderer?.height ?? '–'} (${orderer?.status ?? 'no answer'})  chaincode ${chaincode}`,
    );
  }
  if (served !== null) lines.push(`chaincode served: ${served}`);
  return [...lines, ...problems.map((problem) => `! ${problem}`)].join('\n');
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${failureLine('the network', error, null)}\n`);
  process.exitCode = error instanceof FabricError && error.code === 'usage' ? EXIT.usage : EXIT.refused;
}
