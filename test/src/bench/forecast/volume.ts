import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/repository.js';
import { processorSecondsOf, residentOf } from './process-use.js';

/** What a run of the command took. */
export interface VolumeRun {
  readonly seconds: number;
  /** Of all threads; 0 where the system does not tell. */
  readonly processorSeconds: number;
  readonly peakMegabytes: number;
  readonly lines: number;
}

/** `coldchain forecast` on generated monthly series: a season, a trend, noise; one in four is sparse. */
export async function forecastVolume(series: number, months: number): Promise<VolumeRun> {
  const began = performance.now();
  const command = [
    join(repositoryRoot, 'apps/cli/bin/coldchain.js'),
    'forecast',
    '-',
    '--frequency',
    'month',
    '--horizon',
    '12',
  ];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  let peak = 0;
  let processorSeconds = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentOf(child.pid));
    processorSeconds = Math.max(processorSeconds, processorSecondsOf(child.pid));
  }, 200);
  let lines = 0;
  child.stdout.on('data', (chunk: Buffer) => (lines += chunk.toString('latin1').split('\n').length - 1));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  try {
    child.stdin.write('series,date,quantity\n');
    for (let s = 0; s < series; s++) {
      if (!child.stdin.write(rowsOf(s, months))) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    const status = await ended;
    if (status !== 0) throw new Error(`coldchain forecast ended with ${status}`);
  } finally {
    clearInterval(watch);
    child.kill();
  }
  return { seconds: (performance.now() - began) / 1000, processorSeconds, peakMegabytes: peak, lines };
}

function rowsOf(s: number, months: number): string {
  const noise = (t: number): number => ((((s + 1) * 7919 + t * 104_729) * 0.6180339887498949) % 1) - 0.5;
  const rows = Array.from({ length: months }, (_, t) => {
    const season = 1 + 0.3 * Math.sin(((t + (s % 12)) * Math.PI) / 6);
    const level = (20 + (s % 400)) * (1 + (t * ((s % 5) - 2)) / 400);
    const dense = Math.round(level * season * (1 + 0.4 * noise(t)));
    const quantity = s % 4 === 0 ? (noise(t) > 0.3 ? 1 + (t % 5) : 0) : dense;
    return `S${s},${2019 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, '0')}-01,${quantity}\n`;
  });
  return rows.join('');
}
