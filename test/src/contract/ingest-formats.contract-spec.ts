import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  coseSign1,
  encodeFrame,
  encodeSenmlCbor,
  encodeSenmlJson,
  receivedBytes,
  unpackSeries,
} from '@coldchain/telemetry';
import {
  connectGateway,
  count,
  deadLetterCodes,
  type IngestFixture,
  ingestFixture,
  readings,
  START,
  STORED,
} from './ingest-fixture.js';

const content = readings('urn:dev:mac:0024befffe804ff1', START, 5);
const sent = (seq: number) => ({ boot: 'b', seq, readings: content });

describe('forms of a frame', () => {
  let fixture: IngestFixture;
  beforeEach(async () => {
    fixture = await ingestFixture();
  });
  afterEach(() => fixture.close());

  const register = async (kid: string, algorithm: string, key: KeyObject): Promise<void> => {
    await fixture.owner.query(
      `INSERT INTO gateway_key (gateway_id, kid, algorithm, public_key)
       SELECT g.id, $1, $2, $3 FROM gateway g JOIN organisation o ON o.id = g.organisation_id WHERE slug = 'north' AND g.name = 'g1'`,
      [kid, algorithm, key.export({ format: 'der', type: 'spki' })],
    );
  };

  it('keeps the bytes of each form, and the same readings', async () => {
    const gateway = await connectGateway(fixture);
    await gateway.publish('readings', encodeFrame(sent(0)));
    await gateway.publish('readings', encodeSenmlJson(sent(1)));
    await gateway.publish('readings', encodeSenmlCbor(sent(2)));
    const rows = await fixture.owner.query<{ data: string; raw: Buffer }>(
      `SELECT encode(s.data, 'hex') AS data, f.raw
       FROM reading_frame f JOIN reading_series s USING (day, stream, seq) ORDER BY seq`,
    );
    expect(rows.map(({ raw }) => receivedBytes(raw))).toEqual([
      encodeFrame(sent(0)),
      encodeSenmlJson(sent(1)),
      encodeSenmlCbor(sent(2)),
    ]);
    for (const { data } of rows) {
      expect(unpackSeries(Buffer.from(data, 'hex'))).toEqual(
        content.map(({ at, milliCelsius, humidityPermille }) => ({ at, milliCelsius, humidityPermille })),
      );
    }
    await gateway.close();
  });

  it('verifies signatures with the registered keys, and says which one', async () => {
    const ed25519 = generateKeyPairSync('ed25519');
    const es256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    await register('k1', 'Ed25519', ed25519.publicKey);
    await register('k2', 'ES256', es256.publicKey);
    const gateway = await connectGateway(fixture);
    const trailing = (seq: number, signer: (bytes: Buffer) => Buffer): Buffer => {
      const body = encodeFrame(sent(seq)).subarray(0, -1);
      return Buffer.concat([body, Buffer.from(`,"sig":"${signer(body).toString('base64url')}"}`)]);
    };
    const byEd25519 = (bytes: Buffer): Buffer => sign(null, bytes, ed25519.privateKey);
    const byEs256 = (bytes: Buffer): Buffer =>
      sign('sha256', bytes, { key: es256.privateKey, dsaEncoding: 'ieee-p1363' });
    await gateway.publish('readings', trailing(0, byEd25519));
    await gateway.publish('readings', trailing(1, byEs256));
    await gateway.publish('readings', coseSign1(encodeSenmlCbor(sent(2)), 'Ed25519', 'k1', byEd25519));
    await gateway.publish('readings', coseSign1(encodeSenmlJson(sent(3)), 'ES256', null, byEs256));
    await gateway.publish('readings', encodeFrame(sent(4)));
    const rows = await fixture.owner.query(
      'SELECT f.seq, k.kid FROM reading_frame f LEFT JOIN gateway_key k ON k.id = f.signed_by ORDER BY f.seq',
    );
    expect(rows).toEqual([
      { seq: 0, kid: 'k1' },
      { seq: 1, kid: 'k2' },
      { seq: 2, kid: 'k1' },
      { seq: 3, kid: 'k2' },
      { seq: 4, kid: null },
    ]);

    const forged = trailing(5, byEd25519);
    forged[forged.indexOf('"c":') + 4] = '9'.charCodeAt(0);
    await gateway.publish('readings', forged);
    await gateway.publish(
      'readings',
      trailing(6, () => Buffer.alloc(64)),
    );
    await gateway.publish('readings', coseSign1(encodeSenmlCbor(sent(7)), 'Ed25519', 'k9', byEd25519));
    await gateway.publish('readings', coseSign1(encodeSenmlCbor(sent(8)), 'ES256', 'k1', byEs256));
    expect(await deadLetterCodes(fixture.owner)).toEqual([
      'signature-invalid',
      'signature-invalid',
      'signature-key-unknown',
      'signature-key-unknown',
    ]);
    expect(await count(fixture.owner, STORED)).toBe(5);
    await gateway.close();
  });

  it('takes only what is signed where the organisation says so', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    await fixture.owner.query(`UPDATE organisation SET signatures_required = true WHERE slug = 'north'`);
    const gateway = await connectGateway(fixture);
    const signed = (seq: number): Buffer =>
      coseSign1(encodeSenmlCbor(sent(seq)), 'Ed25519', 'k1', (bytes) => sign(null, bytes, privateKey));
    const other = await connectGateway(fixture, 'south/g1');
    await gateway.publish('readings', encodeFrame(sent(0)));
    await gateway.publish('readings', signed(1));
    await other.publish('readings', encodeFrame(sent(0)));
    expect(await deadLetterCodes(fixture.owner)).toEqual(['signature-missing', 'signature-key-unknown']);
    expect(await count(fixture.owner, STORED)).toBe(1);
    await register('k1', 'Ed25519', publicKey);
    await fixture.restart();
    const again = await connectGateway(fixture);
    await again.publish('readings', signed(2));
    expect(await count(fixture.owner, STORED)).toBe(2);
    await fixture.owner.query('UPDATE gateway_key SET revoked_at = now()');
    await fixture.restart();
    const last = await connectGateway(fixture);
    await last.publish('readings', signed(3));
    expect((await deadLetterCodes(fixture.owner)).at(-1)).toBe('signature-key-unknown');
    for (const each of [gateway, other, again, last]) await each.close();
  });

  it("reads a model's own messages, one reading each, once", async () => {
    await fixture.owner.query(`UPDATE gateway SET model = 'chirpstack-v4' WHERE name = 'plain'`);
    const gateway = await connectGateway(fixture, 'north/plain');
    const uplink = {
      time: new Date(START).toISOString(),
      deviceInfo: { devEui: '24e124136b502217' },
      fCnt: 3,
      object: { temperature: 5.1, humidity: 44.5 },
    };
    await gateway.publish('readings', JSON.stringify(uplink));
    await gateway.publish('readings', JSON.stringify(uplink));
    await gateway.publish('readings', JSON.stringify({ ...uplink, object: {} }));
    expect(await count(fixture.owner, STORED)).toBe(1);
    expect(await deadLetterCodes(fixture.owner)).toEqual(['member-missing']);
    const [series] = await fixture.owner.query(
      'SELECT l.serial, s.lo FROM reading_series s JOIN logger l ON l.id = s.logger',
    );
    expect(series).toEqual({ serial: '24e124136b502217', lo: 5100 });
    await fixture.owner.query(`UPDATE gateway SET model = 'own', mapping = '{"logger":7}' WHERE name = 'plain'`);
    await fixture.restart();
    const broken = await connectGateway(fixture, 'north/plain');
    await broken.publish('readings', JSON.stringify(uplink));
    expect(await deadLetterCodes(fixture.owner)).toEqual(['member-missing', 'model-unusable']);
    await Promise.all([gateway.close(), broken.close()]);
  });
});
