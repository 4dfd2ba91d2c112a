/** What a command costs: the clock, processor time and memory of all its processes, and energy where the machine counts it. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { EnergyMeter, wattHours } from '../../main/energy.ts';

export interface Cost {
  readonly seconds: number;
  /** User and system time of the process and all that it started; missing where the system does not tell. */
  readonly processorSeconds?: number;
  /** Of all its processes together; a page that two of them share counts twice. */
  readonly peakBytes?: number;
  /** Of the whole machine; missing where it does not count. */
  readonly wattHours?: number;
  /** Programs that wanted to run, over a minute, at start and end: a busy machine takes longer. */
  readonly load: readonly [number, number];
}

const EVERY_MS = 250;

/** Runs a command to its end. Throws with the end of what it complained about. */
export async function metered(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly said: string; readonly cost: Cost }> {
  const [started, startLoad, energy] = [performance.now(), os.loadavg()[0]!, new EnergyMeter()];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  let [processorSeconds, peakBytes] = [0, 0];
  const look = () => {
    const now = treeOf(child.pid!);
    processorSeconds = Math.max(processorSeconds, now.processorSeconds);
    peakBytes = Math.max(peakBytes, now.bytes);
    // counters start over
    energy.used();
  };
  const timer = setInterval(look, EVERY_MS);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearInterval(timer);
  if (code !== 0)
    throw new Error(complaint.trim().split('\n').slice(-5).join('\n') || `it ended with ${code}`);
  const used = energy.used();
  return {
    said,
    cost: {
      seconds: (performance.now() - started) / 1000,
      ...(processorSeconds > 0 && { processorSeconds, peakBytes }),
      ...(used.isMeasured && { wattHours: wattHours(used) }),
      load: [startLoad, os.loadavg()[0]!],
    },
  };
}

interface Tree {
  readonly processorSeconds: number;
  readonly bytes: number;
}

const NOTHING: Tree = { processorSeconds: 0, bytes: 0 };

/** Of a process, those that it started, and those that have ended and were waited for; only Linux tells. */
function treeOf(pid: number): Tree {
  try {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    // user, system and the same of children, in hundredths (proc(5), the third field is the first here)
    const processorSeconds = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]) / 100, 0);
    const pages = Number(fields[21]);
    const children = fs
      .readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
      .filter(Boolean);
    return children.reduce(
      (sum, child) => {
        const one = treeOf(Number(child));
        return {
          processorSeconds: sum.processorSeconds + one.processorSeconds,
          bytes: sum.bytes + one.bytes,
        };
      },
      { processorSeconds, bytes: 4096 * pages },
    );
  } catch {
    return NOTHING;
  }
}
