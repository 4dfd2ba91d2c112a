/**
 * What a probe may ask of the computer: commands, files, Node, systeminformation. Everything that the
 * capability check learns comes through this interface, so that a whole machine can be replayed from recorded
 * answers.
 */

import { spawn } from 'node:child_process';
import { readdir, readFile, readlink, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import si from 'systeminformation';
import { systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { type Pack, type PackName, type PackState, packState, readPack } from '../../packs/pack.ts';
import { packsFolder, resourcesFolder } from '../../paths.ts';

export type Ran =
  | { readonly kind: 'done'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'failed'; readonly message: string };

/** The parts of systeminformation's answers that are used; a field may be missing, empty or of another type. */
export interface SystemSource {
  cpu(): Promise<unknown>;
  mem(): Promise<unknown>;
  graphics(): Promise<unknown>;
  battery(): Promise<unknown>;
  osInfo(): Promise<unknown>;
}

/** What Node says of this process; bytes. */
export type NodeFacts = Readonly<typeof REAL_NODE>;

export interface World {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly node: NodeFacts;
  readonly system: SystemSource;
  run(command: string, args: readonly string[], patienceMs: number): Promise<Ran>;
  /** The text of a file; null where it cannot be read. */
  read(file: string): Promise<string | null>;
  /** The names in a folder; none where it cannot be read. */
  list(folder: string): Promise<readonly string[]>;
  /** Where a symbolic link points; null where it is none. */
  link(file: string): Promise<string | null>;
  freeDisk(folder: string): Promise<number | null>;
  /** What starts a plain Node; null where this program cannot. */
  readonly nodeCommand: string | null;
  /** The folder of an installed package, in `place` or else among Fettle's own; null where there is none of that name. */
  packageFolder(name: string, place?: string): string | null;
  /** The state of a pack that Fettle can get; null where there is none for this system. */
  platformPack(name: PackName): Promise<PackState['kind'] | null>;
}

/** More than any of these commands prints; who prints more is not the command that is meant. */
const MOST_OUTPUT = 8 * 2 ** 20;

/** Each is asked for when it is read: that of the processor takes a millisecond or two, and free memory alone is often wanted. */
const REAL_NODE = {
  get totalMemory() {
    return os.totalmem();
  },
  get freeMemory() {
    return os.freemem();
  },
  /** 0, or a number above all memory, where there is no limit. */
  get constrainedMemory() {
    return process.constrainedMemory();
  },
  get availableMemory() {
    return process.availableMemory();
  },
  get parallelism() {
    return os.availableParallelism();
  },
  get processor() {
    return os.cpus()[0]?.model.trim() ?? '';
  },
  get type() {
    return os.type();
  },
  get release() {
    return os.release();
  },
};

/** The computer that this process runs on. */
export function realWorld(): World {
  return {
    platform: process.platform,
    arch: process.arch,
    env: process.env,
    node: REAL_NODE,
    system: si,
    run: runCommand,
    read: (file) => readFile(file, 'utf8').catch(() => null),
    list: (folder) => readdir(folder).catch(() => []),
    link: (file) => readlink(file).catch(() => null),
    freeDisk: freeDiskOf,
    // the desktop app would start itself a second time
    nodeCommand: process.versions.electron === undefined ? process.execPath : null,
    packageFolder,
    platformPack: async (name) => {
      const pack = readPack(resourcesFolder(), name);
      return pack && (await kindOf(pack));
    },
  };
}

const kindOf = async (pack: Pack) => (await packState(packsFolder(), pack)).kind;

/** Free bytes on the disk of `folder`; null where the system does not tell. */
export async function freeDiskOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/**
 * Runs a command in the plain English of programs. When `patienceMs` are over it is killed with what it
 * started, and not waited for: a process that hangs in a driver does not die either.
 */
export function runCommand(command: string, args: readonly string[], patienceMs: number): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const inGroup = process.platform !== 'win32';
  const env = { ...process.env, LC_ALL: 'C', LANG: 'C', LANGUAGE: 'C' };
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: inGroup,
    windowsHide: true,
  });
  const pieces: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
  let bytes = 0;
  const end = (how: Ran) => {
    clearTimeout(timer);
    resolve(how);
  };
  const give = (how: Ran) => {
    end(how);
    kill(child.pid, inGroup);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.unref();
  };
  const timer = setTimeout(() => give({ kind: 'timed-out' }), patienceMs);
  const keep = (list: Buffer[]) => (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > MOST_OUTPUT) give({ kind: 'failed', message: say`it printed too much` });
    else list.push(piece);
  };
  // without file handles for them there are none, and `error` follows
  child.stdout?.on('data', keep(pieces.out));
  child.stderr?.on('data', keep(pieces.err));
  child.on('error', (error: NodeJS.ErrnoException) =>
    end(error.code === 'ENOENT' ? { kind: 'missing' } : { kind: 'failed', message: sentence(error) }),
  );
  child.on('close', (code) => {
    const text = (list: Buffer[]) => Buffer.concat(list).toString('utf8');
    end({ kind: 'done', code: code ?? -1, stdout: text(pieces.out), stderr: text(pieces.err) });
  });
  return promise;
}

/** Why a command did not start, as a part of a sentence. */
function sentence(error: Error): string {
  const { message } = systemError(error) as Error;
  return message.replace(/\.$/, '');
}

function kill(pid: number | undefined, inGroup: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(inGroup ? -pid : pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

function packageFolder(name: string, place?: string): string | null {
  const require = createRequire(import.meta.url);
  const places = place === undefined ? (require.resolve.paths(name) ?? []) : [place];
  for (const place of places) {
    try {
      return path.dirname(require.resolve(path.join(place, name, 'package.json')));
    } catch {
      // not there
    }
  }
  return null;
}
