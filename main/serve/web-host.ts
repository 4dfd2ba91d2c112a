/**
 * The web host as the parts see it: a program without windows, so there is much that only the person's
 * browser could do, and secrets lie in a file that only the person can read.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Host } from '../app/parts.ts';
import { rename } from '../rename.ts';
import { forkChild, forkReader } from '../runs/fork.ts';
import { versions } from '../versions.ts';

interface WebHostOptions {
  /** The data folder, now. */
  readonly folder: () => string;
  /** Tells the person at the terminal that a job has ended. */
  notify(title: string, body: string): void;
}

export function webHost({ folder, notify }: WebHostOptions): Host {
  const { fettle: version, ...others } = versions();
  return {
    kind: 'web',
    info: () => ({
      kind: 'web',
      version,
      platform: process.platform,
      versions: others,
      dialogs: false,
      keepsSecrets: false,
      notifies: true,
    }),
    pick: null,
    printPdf: null,
    async reveal(path) {
      throw new AppError(
        'no-file-manager',
        say`A browser can't open the file manager of the computer that Fettle runs on.`,
        say`Copy the path, and open it there: ${path}`,
      );
    },
    notify,
    // there is neither dock nor tray
    showProgress() {},
    keepAwake: awakeKeeper(),
    secrets: fileSecrets(folder),
    fork: forkChild,
    forkReader,
  };
}

/** What to start on each system; each ends when its input does, or when this process has ended. */
const COMMANDS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    'systemd-inhibit',
    '--what=idle:sleep',
    '--who=Fettle',
    '--why=A model is being trained',
    '--mode=block',
    'cat',
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

const NAME = 'secrets.json';

/** Secrets in the file `name` of the folder that `folder` gives at the moment. */
export function fileSecrets(folder: () => string, name: string = NAME): Host['secrets'] {
  const file = () => path.join(folder(), name);
  return {
    get: async (key) => (await read(file()))[key] ?? null,
    async set(key, value) {
      const { [key]: _, ...others } = await read(file());
      await write(file(), value === null ? others : { ...others, [key]: value });
    },
  };
}

async function read(file: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw unreadable(file, error);
  }
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function write(file: string, secrets: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(temporary, JSON.stringify(secrets), { flag: 'wx', mode: 0o600, flush: true });
    await chmod(temporary, 0o600);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Without the content, which must be shown to nobody. */
function unreadable(file: string, cause: unknown): AppError {
  const why =
    cause instanceof SyntaxError ? say`it is damaged` : String((cause as NodeJS.ErrnoException).code);
  const hint = say`Delete this file, and enter the Hub token again in Settings.`;
  return new AppError('secrets-unreadable', say`The secrets in ${file} can't be read: ${why}.`, hint);
}
