/**
 * The one file layer of the campaign: every call with which Node opens, reads, writes, flushes, renames or removes something passes
 * here, where it can be seen, delayed or refused as a system would. SQLite and other native code have calls of their own.
 */
import fs from 'node:fs';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Act = 'open' | 'create' | 'read' | 'write' | 'sync' | 'rename' | 'remove' | 'make' | 'list';

export interface Watcher {
  /** Before an act on `file`; what it throws is what the act fails with. */
  before?(act: Act, file: string): void;
  /** After one that went well; `to` of a rename. */
  after?(act: Act, file: string, to?: string): void;
  readonly delayMs?: number;
}

let watcher: Watcher | null = null;
/** What a watcher itself reads isn't watched. */
let isWatching = false;
const files = new Map<number, string>();
const handles = new WeakMap<FileHandle, string>();

/** Lets `watcher` see all acts while `work` lasts. */
export async function watched<T>(by: Watcher, work: () => Promise<T>): Promise<T> {
  install();
  watcher = by;
  try {
    return await work();
  } finally {
    watcher = null;
  }
}

/** What the system says where it refuses `act` on `file`. */
export function refusalOf(code: string, act: Act, file: string): NodeJS.ErrnoException {
  const syscall = {
    open: 'open',
    create: 'open',
    read: 'read',
    write: 'write',
    sync: 'fsync',
    rename: 'rename',
    remove: 'unlink',
    make: 'mkdir',
    list: 'scandir',
  }[act];
  const named = act !== 'read' && act !== 'write' && act !== 'sync';
  const error: NodeJS.ErrnoException = new Error(
    `${code}: refused by the campaign, ${syscall}${named ? ` '${file}'` : ''}`,
  );
  return Object.assign(error, { code, syscall, errno: -1, ...(named && { path: file }) });
}

/** Files in `folder` that this process has open; on Linux, where the system tells. */
export function openIn(folder: string): string[] {
  if (!fs.existsSync('/proc/self/fd')) return [];
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const file = fs.readlinkSync(path.join('/proc/self/fd', fd));
      return file.startsWith(folder) ? [file] : [];
    } catch {
      return [];
    }
  });
}

/** Lets `work` meet a disk that is full from the `nth` write on to a file that matches. */
export function withFullDisk<T>(matches: RegExp, work: () => Promise<T>, nth = 1): Promise<T> {
  let writes = 0;
  const before = (act: Act, file: string) => {
    if (act === 'write' && matches.test(file)) writes++;
    if (act === 'write' && writes >= nth) throw refusalOf('ENOSPC', act, file);
  };
  return watched({ before }, work);
}

/** The same, where the disk takes a part of the line that it has no more room for. */
export function withTornLine<T>(file: string, work: () => Promise<T>, nth = 1): Promise<T> {
  let writes = 0;
  const before = (act: Act, of: string) => {
    if (act !== 'write' || of !== file || ++writes < nth) return;
    if (writes === nth) fs.appendFileSync(file, '{"half":"a li');
    throw refusalOf('ENOSPC', act, of);
  };
  return watched({ before }, work);
}

function tell(what: (by: Watcher) => void): void {
  if (watcher === null || isWatching) return;
  isWatching = true;
  try {
    what(watcher);
  } finally {
    isWatching = false;
  }
}
const before = (act: Act, file: string) => tell((by) => by.before?.(act, file));
const after = (act: Act, file: string, to?: string) => tell((by) => by.after?.(act, file, to));

type Callable = (...args: never[]) => unknown;
type Holder = Record<string, Callable>;

const nameOf = (file: unknown): string =>
  typeof file === 'number' ? (files.get(file) ?? '') : file instanceof URL ? file.pathname : String(file);
const isWrite = (flags: unknown) =>
  typeof flags === 'number' ? (flags & 3) !== 0 : /[wa+]/.test(String(flags ?? 'r'));

/** Calls by what they do; the first argument is a path or an open file. */
const ACTS: Readonly<Record<string, Act>> = {
  ...{
    readFile: 'open',
    writeFile: 'write',
    appendFile: 'write',
    truncate: 'write',
    rename: 'rename',
    copyFile: 'write',
  },
  ...{ rm: 'remove', unlink: 'remove', rmdir: 'remove', mkdir: 'make', mkdtemp: 'make', readdir: 'list' },
  ...{ read: 'read', write: 'write', fsync: 'sync', ftruncate: 'write', writev: 'write' },
};
/** Methods of an open file of node:fs/promises. */
const METHODS: Readonly<Record<string, Act>> = {
  ...{
    read: 'read',
    readFile: 'read',
    write: 'write',
    writev: 'write',
    writeFile: 'write',
    appendFile: 'write',
  },
  ...{ sync: 'sync', datasync: 'sync', truncate: 'write' },
};

let isInstalled = false;

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  for (const [name, act] of Object.entries(ACTS)) {
    wrapSync(`${name}Sync`, () => act);
    wrapCallback(name, () => act);
    wrapPromise(fsp as never, name, () => act);
  }
  const opening = (args: readonly unknown[]): Act => (isWrite(args[1]) ? 'create' : 'open');
  wrapSync('openSync', opening, (made, file) => files.set(made as number, file));
  wrapCallback('open', opening, (made, file) => files.set(made as number, file));
  wrapPromise(fsp as never, 'open', opening, (made, file) => {
    handles.set(made as FileHandle, file);
    wrapMethods(Object.getPrototypeOf(made));
  });
  syncBuiltinESMExports();
}

type ActOf = (args: readonly unknown[]) => Act;
type Made = (made: unknown, file: string) => void;

function wrapSync(name: string, actOf: ActOf, onMade?: Made): void {
  const holder = fs as unknown as Holder;
  const real = holder[name];
  if (!real) return;
  holder[name] = Object.assign((...args: never[]) => {
    const [act, file] = [actOf(args), nameOf(args[0])];
    before(act, file);
    const made = real(...args);
    onMade?.(made, file);
    after(act, file, act === 'rename' ? nameOf(args[1]) : undefined);
    return made;
  }, real);
}

/** Streams use these. */
function wrapCallback(name: string, actOf: ActOf, onMade?: Made): void {
  const holder = fs as unknown as Holder;
  const real = holder[name];
  if (!real) return;
  holder[name] = Object.assign((...args: never[]) => {
    const done = args.at(-1) as unknown as (error: unknown, ...made: unknown[]) => void;
    const [act, file] = [actOf(args), nameOf(args[0])];
    try {
      before(act, file);
    } catch (error) {
      process.nextTick(done, error);
      return;
    }
    const then = (error: unknown, ...made: unknown[]) => {
      if (!error) onMade?.(made[0], file);
      if (!error) after(act, file, act === 'rename' ? nameOf(args[1]) : undefined);
      done(error, ...made);
    };
    return real(...args.slice(0, -1), then as never);
  }, real);
}

function wrapPromise(holder: Holder, name: string, actOf: ActOf, onMade?: Made): void {
  const real = holder[name];
  if (!real) return;
  holder[name] = Object.assign(async (...args: never[]) => {
    const [act, file] = [actOf(args), nameOf(args[0])];
    if (watcher?.delayMs) await sleep(watcher.delayMs);
    before(act, file);
    const made = await real(...args);
    onMade?.(made, file);
    after(act, file, act === 'rename' ? nameOf(args[1]) : undefined);
    return made;
  }, real);
}

const wrapped = new WeakSet<object>();

function wrapMethods(prototype: Holder): void {
  if (wrapped.has(prototype)) return;
  wrapped.add(prototype);
  for (const [name, act] of Object.entries(METHODS)) {
    const real = prototype[name]!;
    prototype[name] = async function (this: FileHandle, ...args: never[]) {
      const file = handles.get(this) ?? '';
      if (watcher?.delayMs) await sleep(watcher.delayMs);
      before(act, file);
      const made = await real.apply(this, args);
      after(act, file);
      return made;
    } as Callable;
  }
}
