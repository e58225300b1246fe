import { describe, expect, it } from '@jest/globals';
import { PROFILE, renderChannelConfig } from './channel-config.js';
import { renderCryptoConfig } from './crypto-config.js';
import { Layout } from './layout.js';
import { SIGNATURE_POLICY } from './lifecycle.js';
import { networkProfile } from './network-file.js';
import { clientSettings, ordererSettings, peerSettings } from './node-settings.js';
import { ORGANISATIONS } from './organisations.js';
import { PORT_SPAN, portsOf } from './ports.js';

const layout = new Layout('/state/fabric');
const settings = { basePort: 20_000, blockIntervalMs: 50 };
const context = {
  layout,
  basePort: settings.basePort,
  configFolder: '/programs/config',
  builderFolder: '/repository/builder',
  coresPerNode: 2,
};
const [first] = ORGANISATIONS;
if (first === undefined) throw new Error('no organisation');

/** Every string anywhere in a value. */
function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}

describe('ports', () => {
  it('are 28 different ones within the span', () => {
    const all = ORGANISATIONS.flatMap((organisation) => Object.values(portsOf(organisation, 20_000)) as number[]);
    expect(new Set(all).size).toBe(28);
    expect(Math.min(...all)).toBe(20_000);
    expect(Math.max(...all)).toBeLessThan(20_000 + PORT_SPAN);
  });
});

describe('crypto-config.yaml', () => {
  const config = JSON.parse(renderCryptoConfig(ORGANISATIONS)) as {
    OrdererOrgs: { EnableNodeOUs: boolean; Specs: { Hostname: string; SANS: string[] }[] }[];
    PeerOrgs: { Name: string; EnableNodeOUs: boolean; Specs: { Hostname: string; SANS: string[] }[] }[];
  };

  it('names four organisations with roles in their certificates', () => {
    expect(config.PeerOrgs.map(({ Name }) => Name)).toEqual(
      ['Manufacturer', 'Distributor', 'Pharmacy', 'Regulator'].map((name) => `${name}MSP`),
    );
    expect([...config.PeerOrgs, ...config.OrdererOrgs].every(({ EnableNodeOUs }) => EnableNodeOUs)).toBe(true);
  });

  it('gives every node certificates for its loopback addresses', () => {
    const hosts = [...config.PeerOrgs, ...config.OrdererOrgs].flatMap(({ Specs }) => Specs);
    expect(hosts.map(({ Hostname }) => Hostname).sort()).toEqual([
      ...Array<string>(4).fill('chaincode'),
      ...Array<string>(4).fill('orderer0'),
      ...Array<string>(4).fill('peer0'),
    ]);
    for (const { SANS } of hosts) expect(SANS).toEqual(['localhost', '127.0.0.1']);
  });
});

describe('configtx.yaml', () => {
  const profile = (
    JSON.parse(renderChannelConfig(ORGANISATIONS, layout, settings)) as {
      Profiles: Record<string, Record<string, Record<string, never>>>;
    }
  ).Profiles[PROFILE];

  it('orders by SmartBFT among one orderer of each organisation', () => {
    expect(profile?.['Orderer']).toMatchObject({
      OrdererType: 'BFT',
      SmartBFT: { RequestBatchMaxInterval: '50ms', RequestComplainTimeout: '1500ms' },
      ConsenterMapping: ORGANISATIONS.map(({ number, ordererMspid }) => ({
        ID: number,
        Host: '127.0.0.1',
        Port: 20_003 + 10 * (number - 1),
        MSPID: ordererMspid,
      })),
    });
  });

  it('lets peers endorse, clients write and each organisation have an anchor peer', () => {
    const organisations = profile?.['Application']?.['Organizations'] as unknown as Record<string, unknown>[];
    expect(organisations).toHaveLength(4);
    expect(organisations[2]).toMatchObject({
      ID: 'PharmacyMSP',
      Policies: {
        Endorsement: { Type: 'Signature', Rule: "OR('PharmacyMSP.peer')" },
        Writers: { Rule: "OR('PharmacyMSP.admin', 'PharmacyMSP.client')" },
        Admins: { Rule: "OR('PharmacyMSP.admin')" },
      },
      AnchorPeers: [{ Host: '127.0.0.1', Port: 20_020 }],
    });
  });

  it('has the capabilities that SmartBFT needs', () => {
    expect(profile?.['Capabilities']).toEqual({ V3_0: true });
    expect(profile?.['Orderer']?.['Capabilities']).toEqual({ V2_0: true });
    expect(profile?.['Application']?.['Capabilities']).toEqual({ V2_5: true });
  });
});

describe('settings of nodes', () => {
  it.each(ORGANISATIONS.map((organisation) => [organisation.mspid, organisation] as const))(
    'of %s listen on loopback only',
    (_mspid, organisation) => {
      const all = { ...ordererSettings(organisation, context), ...peerSettings(organisation, context) };
      const addresses = Object.entries(all).filter(([name]) => /ADDRESS$|ENDPOINT$|BOOTSTRAP$/.test(name));
      for (const [name, value] of addresses)
        if (name !== 'CORE_VM_ENDPOINT') expect([name, value.split(':')[0]]).toEqual([name, '127.0.0.1']);
      expect(addresses.length).toBeGreaterThan(8);
    },
  );

  it('have TLS on every listener, and client certificates for administration', () => {
    const orderer = ordererSettings(first, context);
    const peer = peerSettings(first, context);
    expect(orderer).toMatchObject({
      ORDERER_GENERAL_TLS_ENABLED: 'true',
      ORDERER_ADMIN_TLS_ENABLED: 'true',
      ORDERER_ADMIN_TLS_CLIENTAUTHREQUIRED: 'true',
      ORDERER_OPERATIONS_TLS_ENABLED: 'true',
    });
    expect(peer).toMatchObject({ CORE_PEER_TLS_ENABLED: 'true', CORE_OPERATIONS_TLS_ENABLED: 'true' });
    expect(clientSettings(first, '/msp', context)).toMatchObject({ CORE_PEER_TLS_ENABLED: 'true' });
  });

  it('use no container engine and run chaincode as a service', () => {
    const peer = peerSettings(first, context);
    expect(peer['CORE_VM_ENDPOINT']).toBe('');
    expect(JSON.parse(peer['CORE_CHAINCODE_EXTERNALBUILDERS'] ?? '')).toEqual([
      { name: 'service', path: '/repository/builder', propagateEnvironment: ['CHAINCODE_CONNECTION_FILE'] },
    ]);
  });

  it('carry no key, only files that hold one', () => {
    const all = ORGANISATIONS.flatMap((organisation) => [
      ordererSettings(organisation, context),
      peerSettings(organisation, context),
    ]);
    expect(strings(all).filter((text) => text.includes('PRIVATE KEY'))).toEqual([]);
  });
});

describe('the policy of the chaincode', () => {
  it('demands peers of any three of the four', () => {
    expect(SIGNATURE_POLICY).toBe(
      "OutOf(3, 'ManufacturerMSP.peer', 'DistributorMSP.peer', 'PharmacyMSP.peer', 'RegulatorMSP.peer')",
    );
  });
});

describe('network.json', () => {
  it('tells clients addresses that certificates name, and files relative to itself', () => {
    const profile = networkProfile(layout, settings, 'ab'.repeat(32));
    expect(profile).toMatchObject({ ...settings, channel: 'coldchain', chaincode: 'coldchain', endorsements: 3 });
    expect(profile.organisations[3]).toEqual({
      mspid: 'RegulatorMSP',
      ordererMspid: 'RegulatorOrdererMSP',
      peer: {
        address: 'localhost:20030',
        tlsAuthority: 'crypto/peerOrganizations/regulator.example/peers/peer0.regulator.example/tls/ca.crt',
      },
      orderer: {
        address: 'localhost:20033',
        tlsAuthority:
          'crypto/ordererOrganizations/orderer.regulator.example/orderers/orderer0.orderer.regulator.example/tls/ca.crt',
      },
      msp: 'crypto/peerOrganizations/regulator.example/msp',
    });
    expect(profile.identities).toBe('identities');
  });
});
