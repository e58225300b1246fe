import { describe, expect, it } from '@jest/globals';
import { Health, Metrics, serveHealth, StopSequence } from './index.js';

describe('Health', () => {
  it('is ready only when started, not stopping, and every check agrees', async () => {
    const health = new Health();
    let reason: string | null = null;
    health.addCheck('database', () => reason);
    expect((await health.ready()).body.checks).toEqual({ process: 'starting', database: 'ok' });
    health.markStarted();
    expect((await health.ready()).status).toBe(200);
    reason = 'behind';
    expect(await health.ready()).toEqual({
      status: 503,
      body: { status: 'unavailable', checks: { process: 'ok', database: 'behind' } },
    });
    reason = null;
    health.markStopping();
    expect((await health.ready()).status).toBe(503);
    expect(health.live().status).toBe(200);
  });

  it('tells warnings, and stays ready', async () => {
    const health = new Health();
    health.markStarted();
    let warning: string | null = null;
    health.addWarning('outbox', () => warning);
    expect(await health.ready()).toEqual({ status: 200, body: { status: 'ok', checks: { process: 'ok' } } });
    warning = '2 rows are parked';
    expect(await health.ready()).toEqual({
      status: 200,
      body: { status: 'ok', checks: { process: 'ok' }, warnings: { outbox: warning } },
    });
  });

  it('does not show what a failing check said', async () => {
    const health = new Health();
    health.markStarted();
    health.addCheck('database', async () => {
      throw new Error('password of owner is wrong');
    });
    expect((await health.ready()).body.checks).toEqual({ process: 'ok', database: 'check failed' });
  });
});

describe('serveHealth', () => {
  it('answers probes and metrics, and refuses everything else', async () => {
    const health = new Health();
    const metrics = new Metrics('spec');
    metrics.counter('cct_things_total', 'Things', ['kind']).inc({ kind: 'one' }, 3);
    const server = await serveHealth(health, metrics, { host: '127.0.0.1', port: 0 });
    const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    try {
      expect((await get('/livez')).status).toBe(200);
      expect((await get('/readyz')).status).toBe(503);
      health.markStarted();
      expect(await (await get('/readyz?verbose')).json()).toEqual({ status: 'ok', checks: { process: 'ok' } });
      expect(await (await get('/metrics')).text()).toContain('cct_things_total{kind="one",process="spec"} 3');
      expect((await get('/')).status).toBe(404);
      expect((await get('/livez', 'POST')).status).toBe(405);
    } finally {
      await server.close();
    }
  });
});

describe('StopSequence', () => {
  it('runs last first, once, and past a failing step', async () => {
    const order: string[] = [];
    const stops = new StopSequence();
    stops.add('database', () => {
      order.push('database');
    });
    stops.add('broker', async () => {
      order.push('broker');
      throw new Error('broken');
    });
    stops.add('server', () => {
      order.push('server');
    });
    const [report] = await Promise.all([stops.run(1_000), stops.run(1_000)]);
    expect(order).toEqual(['server', 'broker', 'database']);
    expect(report.failed.map((step) => step.name)).toEqual(['broker']);
    expect(report.unfinished).toEqual([]);
  });

  it('gives up at the deadline and names what did not end', async () => {
    const stops = new StopSequence();
    stops.add('first', () => undefined);
    stops.add('stuck', () => new Promise<void>(() => undefined));
    expect(await stops.run(20)).toEqual({ failed: [], unfinished: ['stuck', 'first'] });
  });
});
