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

interface Recorded {
  /** What was done; `start`: a process began, and is watched. */
  readonly what: string;
  readonly host: string;
  readonly program: string;
}

function recordedIn(file: string): Recorded[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Recorded);
}

/** Connections in `file` to other computers. */
export function outward(file: string): readonly Recorded[] {
  return recordedIn(file).filter(({ host }) => !HERE.test(host));
}

/** The programs whose connections were recorded. */
export function watchedPrograms(file: string): readonly string[] {
  return recordedIn(file).flatMap(({ what, program }) =>
    what === 'start' ? [path.basename(program ?? '')] : [],
  );
}

/** Fails where something was connected to that the list of docs/security.md does not name, and where nobody has watched. */
export function requireListed(file: string): void {
  if (watchedPrograms(file).length === 0)
    throw new Error(`No process has recorded its connections in ${file}`);
  const strange = outward(file).filter(({ host }) => !isListed(host));
  if (strange.length > 0)
    throw new Error(`Fettle connected to what it does not name: ${JSON.stringify(strange)}`);
}
