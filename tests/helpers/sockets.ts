/** Which hosts a Fettle under test connects to, all its processes included. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isListed } from '../../main/connections.ts';

const RECORDER = pathToFileURL(path.join(import.meta.dirname, 'record-sockets.ts')).href;
const HERE = /^(localhost|127(\.\d+){3}|::1|\[::1\]|0\.0\.0\.0|::)$/;

/** What makes a process, and those that it starts, write its connections to `file`. */
export function recordingEnv(file: string): Record<string, string> {
  const options = process.env.NODE_OPTIONS ?? '';
  return { FETTLE_SOCKETS: file, NODE_OPTIONS: `${options} --import=${RECORDER}`.trim() };
}

/** Connections in `file` to other computers. */
export function outward(file: string): { readonly what: string; readonly host: string }[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line) as { what: string; host: string })
    .filter(({ host }) => !HERE.test(host));
}

/** Fails where something was connected to that the list of docs/security.md does not name. */
export function requireListed(file: string): void {
  const strange = outward(file).filter(({ host }) => !isListed(host));
  if (strange.length > 0)
    throw new Error(`Fettle connected to what it does not name: ${JSON.stringify(strange)}`);
}
