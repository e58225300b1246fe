import { join } from 'node:path';
import type { Layout } from './layout.js';
import type { Organisation } from './organisations.js';
import { HOST, portsOf } from './ports.js';

/** Environment of one process; every path is absolute. */
export type Settings = Readonly<Record<string, string>>;

/** What all nodes of a network have in common. */
export interface NodeContext {
  readonly layout: Layout;
  readonly basePort: number;
  /** Folder with the core.yaml and orderer.yaml that came with the programs; never edited. */
  readonly configFolder: string;
  /** Folder that holds the external builder's `bin`. */
  readonly builderFolder: string;
  /** Cores that one node may use: eight nodes share the machine. */
  readonly coresPerNode: number;
}

/** A line per transaction from these loggers would fill the disk and says nothing ("Error reading from …: Canceled"). */
const LOGGING = 'warning:orderer.common.broadcast=error:common.deliver=error';
/** As the stock format, without colours. */
const LOG_FORMAT = '%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{shortfunc} -> %{message}';
const list = (...values: readonly string[]): string => `[${values.join(',')}]`;

const common = ({ configFolder, coresPerNode }: NodeContext): Settings => ({
  FABRIC_CFG_PATH: configFolder,
  FABRIC_LOGGING_SPEC: LOGGING,
  FABRIC_LOGGING_FORMAT: LOG_FORMAT,
  GOMAXPROCS: String(coresPerNode),
});

/** Settings of an orderer, over orderer.yaml. */
export function ordererSettings(organisation: Organisation, context: NodeContext): Settings {
  const { layout, basePort } = context;
  const ports = portsOf(organisation, basePort);
  const tls = layout.ordererTls(organisation);
  const data = layout.ordererData(organisation);
  return {
    ...common(context),
    ORDERER_GENERAL_LISTENADDRESS: HOST,
    ORDERER_GENERAL_LISTENPORT: String(ports.orderer),
    ORDERER_GENERAL_LOCALMSPID: organisation.ordererMspid,
    ORDERER_GENERAL_LOCALMSPDIR: layout.ordererMsp(organisation),
    ORDERER_GENERAL_BOOTSTRAPMETHOD: 'none',
    ORDERER_GENERAL_TLS_ENABLED: 'true',
    ORDERER_GENERAL_TLS_PRIVATEKEY: tls.key,
    ORDERER_GENERAL_TLS_CERTIFICATE: tls.certificate,
    ORDERER_GENERAL_TLS_ROOTCAS: list(tls.authority),
    ORDERER_GENERAL_CLUSTER_CLIENTCERTIFICATE: tls.certificate,
    ORDERER_GENERAL_CLUSTER_CLIENTPRIVATEKEY: tls.key,
    ORDERER_CHANNELPARTICIPATION_ENABLED: 'true',
    ORDERER_FILELEDGER_LOCATION: join(data, 'ledger'),
    ORDERER_CONSENSUS_WALDIR: join(data, 'wal'),
    ORDERER_CONSENSUS_SNAPDIR: join(data, 'snapshot'),
    ORDERER_ADMIN_LISTENADDRESS: `${HOST}:${ports.ordererAdmin}`,
    ORDERER_ADMIN_TLS_ENABLED: 'true',
    ORDERER_ADMIN_TLS_PRIVATEKEY: tls.key,
    ORDERER_ADMIN_TLS_CERTIFICATE: tls.certificate,
    ORDERER_ADMIN_TLS_CLIENTAUTHREQUIRED: 'true',
    ORDERER_ADMIN_TLS_CLIENTROOTCAS: list(tls.authority),
    ORDERER_METRICS_PROVIDER: 'prometheus',
    ORDERER_OPERATIONS_LISTENADDRESS: `${HOST}:${ports.ordererOperations}`,
    ORDERER_OPERATIONS_TLS_ENABLED: 'true',
    ORDERER_OPERATIONS_TLS_PRIVATEKEY: tls.key,
    ORDERER_OPERATIONS_TLS_CERTIFICATE: tls.certificate,
    ORDERER_OPERATIONS_TLS_CLIENTROOTCAS: list(tls.authority),
  };
}

/**
 * Intervals of gossip for nodes that are near each other. With Fabric's defaults, peers that ask one that has not joined
 * yet try again after 25 s, and until then no set of endorsers is found.
 */
const GOSSIP: Settings = {
  CORE_PEER_GOSSIP_RECONNECTINTERVAL: '500ms',
  CORE_PEER_GOSSIP_ALIVETIMEINTERVAL: '500ms',
  CORE_PEER_GOSSIP_DIALTIMEOUT: '1s',
  CORE_PEER_GOSSIP_CONNTIMEOUT: '1s',
  CORE_PEER_GOSSIP_PUBLISHSTATEINFOINTERVAL: '500ms',
  CORE_PEER_GOSSIP_REQUESTSTATEINFOINTERVAL: '500ms',
  CORE_PEER_GOSSIP_MEMBERSHIPTRACKERINTERVAL: '500ms',
};

/** Settings of a peer, over core.yaml. */
export function peerSettings(organisation: Organisation, context: NodeContext): Settings {
  const { layout, basePort, builderFolder, coresPerNode } = context;
  const ports = portsOf(organisation, basePort);
  const tls = layout.peerTls(organisation);
  const data = layout.peerData(organisation);
  const address = `${HOST}:${ports.peer}`;
  const builder = [{ name: 'service', path: builderFolder, propagateEnvironment: ['CHAINCODE_CONNECTION_FILE'] }];
  return {
    ...common(context),
    ...GOSSIP,
    CORE_PEER_ID: `peer0.${organisation.peerDomain}`,
    CORE_PEER_NETWORKID: 'coldchain',
    CORE_PEER_ADDRESS: address,
    CORE_PEER_LISTENADDRESS: address,
    CORE_PEER_CHAINCODEADDRESS: `${HOST}:${ports.peerChaincode}`,
    CORE_PEER_CHAINCODELISTENADDRESS: `${HOST}:${ports.peerChaincode}`,
    CORE_PEER_LOCALMSPID: organisation.mspid,
    CORE_PEER_MSPCONFIGPATH: layout.peerMsp(organisation),
    CORE_PEER_FILESYSTEMPATH: join(data, 'production'),
    CORE_LEDGER_SNAPSHOTS_ROOTDIR: join(data, 'snapshots'),
    CORE_LEDGER_STATE_STATEDATABASE: 'goleveldb',
    CORE_PEER_GOSSIP_BOOTSTRAP: address,
    CORE_PEER_GOSSIP_EXTERNALENDPOINT: address,
    CORE_PEER_VALIDATORPOOLSIZE: String(coresPerNode),
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_CERT_FILE: tls.certificate,
    CORE_PEER_TLS_KEY_FILE: tls.key,
    CORE_PEER_TLS_ROOTCERT_FILE: tls.authority,
    CORE_METRICS_PROVIDER: 'prometheus',
    CORE_OPERATIONS_LISTENADDRESS: `${HOST}:${ports.peerOperations}`,
    CORE_OPERATIONS_TLS_ENABLED: 'true',
    CORE_OPERATIONS_TLS_CERT_FILE: tls.certificate,
    CORE_OPERATIONS_TLS_KEY_FILE: tls.key,
    // The peer splits lists at blanks, the orderer reads [a,b].
    CORE_OPERATIONS_TLS_CLIENTROOTCAS_FILES: tls.authority,
    // Empty, not absent: chaincode runs as a service, so no container engine is asked for and none is missed by /healthz.
    CORE_VM_ENDPOINT: '',
    CORE_CHAINCODE_EXTERNALBUILDERS: JSON.stringify(builder),
    CHAINCODE_CONNECTION_FILE: layout.connectionFile(organisation),
  };
}

/** Settings under which the `peer` program acts as a client of an organisation's peer. */
export function clientSettings(
  organisation: Organisation,
  mspFolder: string,
  { layout, basePort, configFolder }: Pick<NodeContext, 'layout' | 'basePort' | 'configFolder'>,
): Settings {
  return {
    FABRIC_CFG_PATH: configFolder,
    FABRIC_LOGGING_SPEC: 'error',
    CORE_PEER_LOCALMSPID: organisation.mspid,
    CORE_PEER_MSPCONFIGPATH: mspFolder,
    CORE_PEER_ADDRESS: `${HOST}:${portsOf(organisation, basePort).peer}`,
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: layout.peerTls(organisation).authority,
  };
}
