import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';

const LIBRARY = new URL('./index.js', import.meta.url).href;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs a server process whose start is the given source; `whenStarted` gets the child once it logged `started`. */
function run(
  body: string,
  environment: Record<string, string>,
  whenStarted?: (child: ChildProcess) => void,
): Promise<Ended> {
  const source = `import { runProcess } from '${LIBRARY}';
    await runProcess('ledger-worker', async ({ configuration, logger, onStop, fail, health }) => { ${body} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    env: { PATH: process.env['PATH'], CCT_DATABASE_URL: 'postgres://o:p@127.0.0.1/x', ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    let told = false;
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (told || !output.includes('"started"')) return;
      told = true;
      whenStarted?.(child);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
}

/** A signal handler alone does not keep a process going: one with nothing to do ends before it is told to. */
const ALIVE = `setInterval(() => {}, 1000);`;
const TWO_STEPS = `onStop('database', () => { console.log('database closed'); });
  onStop('server', () => { console.log('server closed'); }); ${ALIVE}`;

describe('runProcess', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in reverse order on %s and ends with 0', async (signal) => {
    const ended = await run(TWO_STEPS, {}, (child) => child.kill(signal));
    expect(ended).toMatchObject({ code: 0, signal: null, errors: '' });
    expect(ended.output.indexOf('server closed')).toBeLessThan(ended.output.indexOf('database closed'));
    expect(ended.output).toContain('"stopped"');
  });

  it('is killed by a second signal while a step hangs', async () => {
    const ended = await run(`${ALIVE} onStop('stuck', () => new Promise(() => {}));`, {}, (child) => {
      child.kill('SIGTERM');
      child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('stopping')) child.kill('SIGTERM');
      });
    });
    expect(ended.signal).toBe('SIGTERM');
  });

  it('ends when the pipe of its parent closes', async () => {
    const ended = await run(TWO_STEPS, { CCT_PARENT_PIPE: '1' }, (child) => child.stdin?.end());
    expect(ended.code).toBe(0);
    expect(ended.output).toContain('parent gone');
  });

  it('is cut off when not even the log can be written while it stops', async () => {
    const silent = `setTimeout(() => {
      logger.info = () => { throw new Error('nobody reads the log'); };
      process.kill(process.pid, 'SIGTERM');
    }, 5);`;
    expect(await run(`${ALIVE} ${silent}`, {})).toMatchObject({ code: 1, signal: null });
  }, 60_000);

  it('ends with 1 after fail and after an exception that nobody caught', async () => {
    const failed = await run(`${TWO_STEPS} setTimeout(() => fail(new Error('lost')), 5);`, {});
    expect(failed.code).toBe(1);
    expect(failed.output).toContain('database closed');
    const thrown = await run(`${TWO_STEPS} setTimeout(() => { throw new Error('defect'); }, 5);`, {});
    expect(thrown.code).toBe(1);
    expect(thrown.output).toContain('server closed');
  });

  it('says in one line which variable is wrong', async () => {
    const ended = await run('', { CCT_HEIGHT_CHEK_MS: '5' });
    expect(ended.code).toBe(1);
    expect(ended.errors).toBe(
      'coldchain ledger-worker did not start: configuration-invalid: CCT_HEIGHT_CHEK_MS: is not known, did you mean CCT_HEIGHT_CHECK_MS? – correct the variable and start again\n',
    );
  });

  it('names the variable of a port that is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as AddressInfo;
    const ended = await run('', { CCT_WORKER_HEALTH_PORT: String(port) });
    holder.close();
    expect(ended.code).toBe(1);
    expect(ended.errors).toContain('port-taken');
    expect(ended.errors).toContain('CCT_WORKER_HEALTH_PORT');
    expect(ended.errors.trim().split('\n')).toHaveLength(1);
  });
});
