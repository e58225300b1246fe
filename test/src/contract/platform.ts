import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RunningApi, startApi } from '@coldchain/api';
import type { Role } from '@coldchain/api-contract';
import type { UnitState } from '@coldchain/chaincode/protocol';
import { Database, EntityDatabase } from '@coldchain/database';
import {
  createFirstAccounts,
  type DemoAccount,
  DEMONSTRATION_ORGANISATIONS,
  readAccounts,
} from '@coldchain/deploy-local';
import { type RunningIngest, startIngest } from '@coldchain/iot-ingest';
import { Clock, sleep, SystemClock, SystemRandom } from '@coldchain/kernel';
import { EmbeddedLedger } from '@coldchain/ledger/embedded';
import { type LedgerWorker, startLedgerWorker } from '@coldchain/ledger-worker';
import { fsck } from '@coldchain/ledger-worker/fsck';
import { createLogger } from '@coldchain/runtime';
import { repositoryRoot, type TestDatabase, testDatabase } from '../support/index.js';
import { OWN_BROKER } from './ingest-fixture.js';

const ORGANISATIONS = ['ManufacturerMSP', 'DistributorMSP', 'PharmacyMSP', 'RegulatorMSP'];
const run = promisify(execFile);

/** What the API answered. */
export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The clock of this machine, unless a story of the past is told. */
class StoryClock extends Clock {
  /** ms since 1970 UTC; null: it is now. */
  told: number | null = null;

  now(): number {
    return this.told ?? Date.now();
  }
}

/** Everything that runs, in this process, over a database of its own: broker, evaluator, ledger, worker, API. */
export class Platform {
  private worker: LedgerWorker | null = null;

  private constructor(
    private readonly testDatabase: TestDatabase,
    readonly owner: Database,
    private readonly ingestDatabase: Database,
    private readonly workerDatabase: Database,
    private readonly apiDatabase: EntityDatabase,
    private readonly ledger: EmbeddedLedger,
    private readonly ingest: RunningIngest,
    private readonly api: RunningApi,
    private readonly apiClock: StoryClock,
    private readonly accounts: readonly DemoAccount[],
    readonly folder: string,
  ) {}

  /** @param verdictBoundMs how long an earlier ok stands when nothing is confirmed */
  static async start(verdictBoundMs: number): Promise<Platform> {
    const database = await testDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'platform-'));
    const owner = Database.open({ url: database.url, role: null, applicationName: 'platform' });
    const ingestDatabase = Database.open({
      url: database.url,
      role: 'cct_ingest',
      applicationName: 'platform-ingest',
      preparesStatements: true,
    });
    const workerDatabase = Database.open({ url: database.url, role: 'cct_worker', applicationName: 'platform-worker' });
    const apiDatabase = await EntityDatabase.open({
      url: database.url,
      role: 'cct_api',
      applicationName: 'platform-api',
    });
    const clock = new SystemClock();
    const random = new SystemRandom();
    await createFirstAccounts(owner, folder, random);
    const regulator = DEMONSTRATION_ORGANISATIONS.find((entry) => entry.roles.includes('regulator'))?.party ?? '';
    const ledger = await EmbeddedLedger.open({
      pool: workerDatabase.pool,
      keysDirectory: join(folder, 'keys'),
      organisations: ORGANISATIONS,
      regulator,
    });
    const ingest = await startIngest({
      database: ingestDatabase,
      configuration: {
        ...OWN_BROKER,
        ingestGroupSize: 500,
        ingestLingerMs: 2,
        ingestMaxAgeDays: 3650,
        evaluatePollMs: 200,
        rootsIntervalMs: 3_600_000,
        ingestKeyFile: join(folder, 'ingest-key.pem'),
        ingestDiskPath: folder,
        ingestMinFreeMib: 1,
        ingestKeepDays: null,
      },
      logger: createLogger('ingest', 'silent'),
      clock,
      random,
    });
    const apiClock = new StoryClock();
    const api = await startApi({
      database: apiDatabase,
      configuration: {
        mode: 'development',
        ledger: 'embedded',
        demo: 'off',
        dataDir: folder,
        httpHost: '127.0.0.1',
        httpPort: 0,
        verdictBoundMs,
        accountRequestsPerMinute: 0,
      },
      logger: createLogger('api', 'silent'),
      clock: apiClock,
      random,
    });
    const platform = new Platform(
      database,
      owner,
      ingestDatabase,
      workerDatabase,
      apiDatabase,
      ledger,
      ingest,
      api,
      apiClock,
      readAccounts(folder),
      folder,
    );
    platform.startWorker();
    await platform.until(async () => {
      const [row] = await owner.query<{ parties: number }>(
        `SELECT count(*) AS parties FROM ledger_object WHERE object_type = 'party'`,
      );
      return row?.parties === DEMONSTRATION_ORGANISATIONS.length;
    });
    return platform;
  }

  startWorker(): void {
    this.worker = startLedgerWorker({
      pool: this.workerDatabase.pool,
      ledger: this.ledger,
      logger: createLogger('worker', 'silent'),
      clock: new SystemClock(),
      random: new SystemRandom(),
      heightCheckMs: 300,
    });
  }

  async stopWorker(): Promise<void> {
    await this.worker?.stop();
    this.worker = null;
  }

  get mqttUrl(): string {
    return `mqtt://127.0.0.1:${this.ingest.port}`;
  }

  /** Address of the database, as its owner. */
  get databaseUrl(): string {
    return this.testDatabase.url;
  }

  /** Gives every stored frame its leaf; how many got one. */
  growRoots(): Promise<number> {
    return this.ingest.growRoots();
  }

  /** Address of the API and its page. */
  get url(): string {
    return this.api.url;
  }

  /** The account of an organisation with a role. */
  account(organisation: string, role: Role): DemoAccount {
    const account = this.accounts.find((entry) => entry.organisation === organisation && entry.role === role);
    if (account === undefined) throw new Error(`no account ${organisation}/${role}`);
    return account;
  }

  /** A request in the name of an organisation's account with this role. */
  async request(
    organisation: string,
    role: Role,
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const account = this.account(organisation, role);
    const response = await fetch(`${this.api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${account.apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** A POST that has to be accepted. */
  async post(organisation: string, role: Role, path: string, body: unknown): Promise<Record<string, unknown>> {
    const answer = await this.request(organisation, role, 'POST', path, body);
    if (answer.status !== 201)
      throw new Error(`${path} as ${organisation}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A POST that has to be accepted and is captured at a time in the past: what is told of it now would be a claim. */
  async postThen(at: string, organisation: string, role: Role, path: string, body: object): Promise<void> {
    this.apiClock.told = Date.parse(at);
    try {
      await this.post(organisation, role, path, { ...body, eventTime: at });
    } finally {
      this.apiClock.told = null;
    }
  }

  /** A POST that has to be refused: its status and code. */
  async refused(organisation: string, role: Role, path: string, body: unknown): Promise<string> {
    const answer = await this.request(organisation, role, 'POST', path, body);
    return `${answer.status} ${String(answer.body['code'])}`;
  }

  /** The verdict of a code for an organisation. */
  async verdict(organisation: string, code: string): Promise<Record<string, unknown>> {
    const role = organisation.startsWith('pharmacy') ? 'dispenser' : 'shipper';
    const answer = await this.request(organisation, role, 'GET', `/v1/verdict?code=${encodeURIComponent(code)}`);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  }

  /** The committed ledger state of a unit, as projected. */
  async unit(sscc: string): Promise<UnitState | undefined> {
    const [row] = await this.owner.query<{ state: UnitState }>(
      `SELECT l.state FROM ledger_object l JOIN unit u ON u.unit_key = l.object_key WHERE u.sscc = $1`,
      [sscc],
    );
    return row?.state;
  }

  /** Waits until nothing is on its way to the ledger, and what came back is projected. */
  settled(): Promise<void> {
    return this.until(async () => {
      const [row] = await this.owner.query<{ open: number }>(
        `SELECT (SELECT count(*) FROM outbox WHERE state NOT IN ('committed', 'refused'))
              + (SELECT count(*) FROM custody_event WHERE anchor_state = 'pending') AS open`,
      );
      return row?.open === 0;
    });
  }

  /** Where the command line finds the accounts of the first start. */
  get environment(): Readonly<Record<string, string>> {
    return { CCT_DATA_DIR: this.folder };
  }

  /** Runs `coldchain …` as a user would. */
  async coldchain(parameters: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const { stdout } = await run(process.execPath, [join(repositoryRoot, 'apps/cli/bin/coldchain.js'), ...parameters], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'] ?? '', CCT_API_URL: this.api.url, ...environment },
      maxBuffer: 64_000_000,
    });
    return stdout;
  }

  /** Writes a file beside the platform's own; returns its path. */
  async file(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content);
    return path;
  }

  /** Checks everything; again while acts that nobody waited for (an exposure, a root) came in between. */
  async fsck(): ReturnType<typeof fsck> {
    for (let attempt = 1; ; attempt++) {
      const report = await fsck(this.workerDatabase.pool, this.ledger);
      if (report.unchecked.length === 0 || attempt === 10) return report;
      await sleep(200);
    }
  }

  /** Polls until it holds; the test's own time limit is the bound. */
  async until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(50);
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.ingest.stop();
    await this.api.stop();
    await this.ledger.close();
    for (const database of [this.ingestDatabase, this.workerDatabase, this.apiDatabase, this.owner])
      await database.close();
    await this.testDatabase.close();
    await rm(this.folder, { recursive: true });
  }
}
