import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

/** The browser of `CHROMIUM_PATH`, else the system's. @throws Error with what to do when there is none */
export async function openBrowser(): Promise<Browser> {
  const named = process.env['CHROMIUM_PATH'] ?? '';
  const executablePath = named === '' ? onPath(['chromium', 'chromium-browser', 'google-chrome']) : named;
  if (executablePath === undefined) {
    throw new Error('no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH');
  }
  // The sandbox of the browser asks for rights that containers do not give; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
