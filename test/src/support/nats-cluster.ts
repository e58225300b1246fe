import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@coldchain/deploy-local';
import { sleep } from '@coldchain/kernel';
import { spawnGuarded } from './guarded.js';
import { NATS_SERVER } from './nats-program.js';

interface Node {
  readonly clientPort: number;
  readonly mqttPort: number;
  readonly monitorPort: number;
  readonly configuration: string;
  child: ChildProcess | undefined;
}

/** Three real NATS servers with JetStream and MQTT, in a folder of their own. They end with this process, also when that is killed. */
export class NatsCluster {
  private readonly folder = mkdtempSync(join(tmpdir(), 'coldchain-nats-'));
  private readonly nodes: Node[] = [];

  /** Starts the servers; returns when they have a leader for JetStream. */
  static async start(): Promise<NatsCluster> {
    const cluster = new NatsCluster();
    const routes = [await freePort(), await freePort(), await freePort()];
    for (const [index, route] of routes.entries()) cluster.nodes.push(await cluster.prepare(index, route, routes));
    for (const index of routes.keys()) cluster.begin(index);
    await cluster.ready();
    return cluster;
  }

  /** All servers, for clients of NATS. */
  get url(): string {
    return this.nodes.map(({ clientPort }) => `nats://127.0.0.1:${clientPort}`).join(',');
  }

  mqttUrl(index: number): string {
    return `mqtt://127.0.0.1:${this.node(index).mqttPort}`;
  }

  /** Starts a server, again after {@link kill}. */
  begin(index: number): void {
    if (NATS_SERVER === null) throw new Error('nats-server is not installed');
    const node = this.node(index);
    node.child = spawnGuarded(NATS_SERVER, ['-c', node.configuration]);
  }

  /** kill -9 */
  async kill(index: number): Promise<void> {
    const { child } = this.node(index);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** Index of the server that leads a stream or, without one, JetStream itself. */
  async leader(stream?: string): Promise<number | undefined> {
    for (const node of this.nodes) {
      try {
        const response = await fetch(`http://127.0.0.1:${node.monitorPort}/jsz?streams=true`, {
          signal: AbortSignal.timeout(1_000),
        });
        const answer = (await response.json()) as JetStreamAnswer;
        const streams = answer.account_details?.flatMap((account) => account.stream_detail ?? []) ?? [];
        const name =
          stream === undefined
            ? answer.meta_cluster?.leader
            : streams.find((detail) => detail.name === stream)?.cluster?.leader;
        if (name !== undefined && name !== '') return Number(name.slice(1));
      } catch {
        continue;
      }
    }
    return undefined;
  }

  async close(): Promise<void> {
    for (const index of this.nodes.keys()) await this.kill(index);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ready(): Promise<void> {
    for (let tries = 0; (await this.leader()) === undefined; tries++) {
      if (tries > 200) throw new Error('the NATS cluster has no leader');
      await sleep(100);
    }
  }

  private async prepare(index: number, route: number, routes: readonly number[]): Promise<Node> {
    const [clientPort, mqttPort, monitorPort] = [await freePort(), await freePort(), await freePort()];
    const store = join(this.folder, `n${index}`);
    mkdirSync(store);
    const configuration = join(this.folder, `n${index}.conf`);
    writeFileSync(
      configuration,
      `server_name: n${index}
listen: 127.0.0.1:${clientPort}
http: 127.0.0.1:${monitorPort}
jetstream { store_dir: ${JSON.stringify(store)}, max_file: 2G, max_mem: 256M }
mqtt { listen: 127.0.0.1:${mqttPort}, stream_replicas: 3, max_ack_pending: 1000 }
cluster { name: spec, listen: 127.0.0.1:${route}, routes: [${routes.map((port) => `nats://127.0.0.1:${port}`).join(', ')}] }
`,
    );
    return { clientPort, mqttPort, monitorPort, configuration, child: undefined };
  }

  private node(index: number): Node {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`there is no server ${index}`);
    return node;
  }
}

interface JetStreamAnswer {
  readonly meta_cluster?: { readonly leader?: string };
  readonly account_details?: readonly {
    readonly stream_detail?: readonly { readonly name: string; readonly cluster?: { readonly leader?: string } }[];
  }[];
}
