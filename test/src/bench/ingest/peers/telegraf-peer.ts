import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnGuarded } from '../../../support/guarded.js';
import { goInstall, programFolder } from '../../../support/program-cache.js';
import { Peer, type PeerWorld } from './peer.js';

const RELEASE = '1.37.2';
const FOLDER = programFolder(`telegraf-${RELEASE}`);
/** The plug-ins that are used; all of them together would take many minutes to build. */
const TAGS = ['custom', 'inputs.mqtt_consumer', 'parsers.json_v2', 'outputs.postgresql'];

/** Telegraf: `mqtt_consumer` to `postgresql`, by COPY into a table without a key, which it makes itself. */
export class TelegrafPeer extends Peer {
  readonly name = 'telegraf';
  readonly title = `Telegraf ${RELEASE}`;
  readonly schema = null;

  install(): void {
    goInstall(`github.com/influxdata/telegraf/cmd/telegraf@v${RELEASE}`, FOLDER, TAGS);
  }

  start({ brokerPort, clientId, filter, databaseUrl, folder }: PeerWorld): ChildProcess {
    const configuration = join(folder, 'telegraf.conf');
    // A message counts as delivered when all its readings are written, so a batch must not wait for more messages than
    // may be undelivered.
    writeFileSync(
      configuration,
      `[agent]
  interval = "1s"
  flush_interval = "200ms"
  metric_batch_size = 10000
  metric_buffer_limit = 1000000
  omit_hostname = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:${brokerPort}"]
  topics = ["${filter}"]
  qos = 1
  client_id = "${clientId}"
  persistent_session = true
  max_undelivered_messages = 2000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "reading"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "r"
      timestamp_key = "t"
      timestamp_format = "unix_ms"
      tags = ["d"]
[[outputs.postgresql]]
  connection = "${databaseUrl}"
  schema = "peer"
`,
    );
    return spawnGuarded(join(FOLDER, 'telegraf'), ['--config', configuration, '--quiet', '--non-strict-env-handling'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}
