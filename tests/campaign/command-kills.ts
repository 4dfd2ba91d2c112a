/** A training of the command line, of which the command, its engine or both are killed: nothing goes on alone, and it is resumed to the bit. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fettle, startFettle } from '../helpers/fettle.ts';
import { adapterOf, numbersOf, openWorkspace, trainArgs } from '../integration/workspace.ts';
import { lastingOrphansOf } from './orphans.ts';

const VICTIMS = ['command', 'engine', 'both'] as const;
/** Everything that draws random numbers or counts. */
const HARD = [
  ...['--epochs', '2', '--dropout', '0.1', '--gradient-accumulation', '2', '--learning-rate', '5e-3'],
  ...['--eval-every', '5', '--save-every-steps', '1', '--keep-checkpoints', '3'],
];

export async function killCommands(count: number, random: () => number) {
  const workspace = await openWorkspace();
  const env = { FETTLE_HOME: workspace.at('home'), OMP_NUM_THREADS: '1' };
  const failures: string[] = [];
  let early = 0;
  try {
    const whole = workspace.at('whole');
    const began = performance.now();
    const { code, err } = await startFettle(trainArgs(workspace, whole, ...HARD), { env }).ended;
    const lasts = performance.now() - began;
    if (code !== 0) throw new Error(`the training failed: ${err}`);
    for (let i = 0; i < count; i++) {
      const [victim, out] = [VICTIMS[i % VICTIMS.length]!, workspace.at(`cut ${i}`)];
      const moment = random() * lasts;
      const run = startFettle(trainArgs(workspace, out, ...HARD), { env });
      await Promise.race([sleep(moment), run.ended]);
      if (run.child.exitCode === null) early++;
      if (victim === 'both') run.signalAll('SIGKILL');
      else for (const pid of victim === 'command' ? [run.child.pid!] : childrenOf(run.child.pid!)) kill(pid);
      await run.ended;
      const at = `${victim} killed after ${Math.round(moment)} of ${Math.round(lasts)} ms`;
      for (const pid of await lastingOrphansOf(env.FETTLE_HOME))
        failures.push(`${at}: process ${pid} goes on`);
      const again = existsSync(path.join(out, 'run.json'))
        ? ['train', '--out', out, '--resume', '--json']
        : trainArgs(workspace, out, ...HARD);
      const ended = existsSync(path.join(out, 'result.json'))
        ? { code: 0, err: '' }
        : await fettle(again, { env });
      if (ended.code !== 0) failures.push(`${at}: it can't go on: ${ended.err}`);
      else if (
        JSON.stringify(numbersOf(out)) !== JSON.stringify(numbersOf(whole)) ||
        !adapterOf(out).equals(adapterOf(whole))
      )
        failures.push(`${at}: what was made is not the same`);
    }
  } finally {
    workspace.remove();
  }
  const late = count - early > 0 ? `, ${count - early} just after` : '';
  return { cases: count, outcome: `command, engine, both in turn: ${early} killed at work${late}`, failures };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
