/**
 * OpenAI's client for Python, unchanged, at `fettle tuning`: `node tests/extras/tuning/python.ts PYTHON`, where PYTHON has the package
 * `openai`. docs/assistants.md has what it prints.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { practiceRows } from '../../../main/app/practice.ts';
import { startFettle } from '../../helpers/fettle.ts';

const [python = 'python3'] = process.argv.slice(2);
const ROWS = 60;

const home = mkdtempSync(path.join(os.tmpdir(), 'fettle-tuning-'));
const rows = path.join(home, 'rows.jsonl');
writeFileSync(rows, readFileSync(practiceRows().data, 'utf8').split('\n').slice(0, ROWS).join('\n'));
const server = startFettle(['tuning', '--port', '0', '--json'], { env: { FETTLE_HOME: home } });
try {
  const heard = await server.event((event) => (event as { event: string }).event === 'listening');
  const { address, key } = heard as unknown as { readonly address: string; readonly key: string };
  const env = { ...process.env, OPENAI_BASE_URL: address, OPENAI_API_KEY: key };
  const client = spawn(python, [path.join(import.meta.dirname, 'client.py'), rows], {
    env,
    stdio: 'inherit',
  });
  process.exitCode = ((await once(client, 'close')) as [number | null])[0] ?? 1;
} finally {
  server.signalAll('SIGTERM');
  await server.ended;
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
}
