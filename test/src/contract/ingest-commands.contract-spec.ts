import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sleep } from '@coldchain/kernel';
import { connectGateway, frame, type IngestFixture, ingestFixture } from './ingest-fixture.js';

describe('what the platform tells a gateway', () => {
  let fixture: IngestFixture;
  beforeEach(async () => {
    fixture = await ingestFixture();
  });
  afterEach(() => fixture.close());

  it('is signed, and asks for numbers that stay missing', async () => {
    const gateway = await connectGateway(fixture);
    const commands: unknown[] = [];
    gateway.client.on('message', (topic, payload) => {
      if (topic.endsWith('/commands')) commands.push(JSON.parse(payload.toString('utf8')));
    });
    await gateway.client.subscribeAsync('coldchain/v1/north/g1/commands', { qos: 1 });
    await gateway.publish('readings', frame('b', 0));
    for (let seq = 3; commands.length === 0 && seq < 40; seq++) {
      await gateway.publish('readings', frame('b', seq));
      await sleep(500);
    }
    expect(commands[0]).toMatchObject({ command: 'resend', boot: 'b', ranges: [[1, 2]] });
    expect(gateway.acks.at(-1)).toMatchObject({ kid: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(gateway.acks.at(-1)).toMatchObject({ sig: expect.stringMatching(/^[A-Za-z0-9_-]{86}$/) });
    await gateway.close();
  }, 40_000);
});
