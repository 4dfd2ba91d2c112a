/** Runs the checks one after the other, each in its process, and collects what they say. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { MALLOC_SETTINGS } from '../../main/runs/fork.ts';
import type { Asked, Fact, Part } from './facts.ts';

/** Beyond its time a part ends what it has begun; a driver that hangs longer is given up. */
const BEYOND_MS = 60_000;
const KEPT_CHARS = 4000;

export interface PartResult {
  readonly part: Part;
  readonly seconds: number;
  readonly facts: readonly Fact[];
  /** How the process ended where not well: its code or signal, and what it said last. */
  readonly died: { readonly how: string; readonly stderr: string } | null;
}

/** One part; `onFact` hears of each thing as it is found. */
export async function runPart(asked: Asked, onFact: (fact: Fact) => void): Promise<PartResult> {
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'part.ts'), JSON.stringify(asked)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...MALLOC_SETTINGS, ...process.env },
  });
  let isLate = false;
  const timer = setTimeout(
    () => {
      isLate = true;
      child.kill('SIGKILL');
    },
    1000 * asked.seconds + BEYOND_MS,
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARS);
  });
  const facts: Fact[] = [];
  const closed = new Promise<string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`))),
  );
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue;
    const fact = JSON.parse(line) as Fact;
    facts.push(fact);
    onFact(fact);
  }
  const how = await closed;
  clearTimeout(timer);
  const seconds = (performance.now() - began) / 1000;
  const end = isLate ? `this check, for no end after ${seconds.toFixed(0)} s` : how;
  return { part: asked.part, seconds, facts, died: end === null ? null : { how: end, stderr } };
}
