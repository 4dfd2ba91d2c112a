/** Keeps the computer from sleeping where a program of the system can: a child process that ends with this one. */
import { type ChildProcess, spawn } from 'node:child_process';

/** What to start on each system; each ends when its input does, or when this process has ended. */
const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    ...['systemd-inhibit', '--what=idle:sleep', '--who=Fettle', '--why=A model is being trained'],
    ...['--mode=block', 'cat'],
  ],
  darwin: ['caffeinate', '-i', '-w', String(process.pid)],
};

/** Switches that on and off. Where the system has no such program, or refuses, nothing happens. */
export function awakeKeeper(commands = COMMANDS): (on: boolean) => void {
  let child: ChildProcess | null = null;
  return (on) => {
    if (!on) {
      child?.kill();
      child = null;
      return;
    }
    const [program, ...rest] = commands[process.platform] ?? [];
    if (child || !program) return;
    const started = spawn(program, rest, { stdio: ['pipe', 'ignore', 'ignore'] });
    child = started;
    const forget = () => {
      if (child === started) child = null;
    };
    started.on('error', forget);
    started.on('exit', forget);
    started.stdin.on('error', () => {});
    started.unref();
  };
}
