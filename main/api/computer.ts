/** The computer: its facts, what is free now, a short measurement, the libraries that its devices need, files; and the settings. */

import { readdir, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ComputerNow, FolderEntry, Measuring, PickKind } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { BenchProgress } from '../../common/protocol/protocol.ts';
import { defined } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { exampleComputer } from '../app/grounds.ts';
import type { Parts } from '../app/parts.ts';
import { modelNeeds, type Prices } from '../app/plan-cache.ts';
import { refuseWhileTraining } from '../app/probe.ts';
import { keep, UPLOADS } from '../app/uploads.ts';
import { channel } from '../changes.ts';
import { loadMeter } from '../hardware/facts.ts';
import { knownFacts, measureComputer } from '../hardware/measure.ts';
import { HUB_TOKEN, isSafeAddress } from '../hub/connection.ts';
import type { Log } from '../log.ts';
import { usePacksOf } from '../packs/pack.ts';
import { planGrid } from '../plan/example-fit.ts';
import type { Implementer } from './router.ts';

/** The time between two looks at what is free. */
const NOW_MS = 3000;

export function computerCalls(os: Implementer, parts: Parts, prices: Prices) {
  const { store, engine, supervisor } = parts;
  let areModelsPriced = false;
  const facts = () => knownFacts(store, engine);

  /** Beside a training it would measure what that leaves. */
  function requireIdle(): void {
    refuseWhileTraining(
      supervisor,
      say`so its speed can't be measured.`,
      say`Pause it, or measure when it has ended.`,
    );
  }

  async function* measure(
    device: string | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Measuring> {
    requireIdle();
    yield* channel<Measuring>(async (send) => {
      const onProgress = (progress: BenchProgress) => send({ kind: 'progress', ...progress });
      const found = await measureComputer({ store, engine }, onProgress, signal, {
        mayKeep: requireIdle,
        ...defined({ device }),
      });
      send({ kind: 'facts', facts: found });
    });
  }

  return {
    facts: os.computer.facts.handler(facts),
    now: os.computer.now.handler(({ signal }) => everyFew(NOW_MS, signal)),
    measure: os.computer.measure.handler(({ input, signal }) => measure(input?.device, signal)),
    grid: os.computer.grid.handler(async () => {
      const grid = await planGrid(await exampleComputer(store), prices.of);
      // who looks at the computer chooses a model next, and the first time all of them have to be priced
      if (!areModelsPriced) modelNeeds(parts, prices).catch(() => {});
      areModelsPriced = true;
      return grid;
    }),
  };
}

async function* everyFew(ms: number, signal: AbortSignal | undefined): AsyncGenerator<ComputerNow> {
  const look = loadMeter();
  while (!signal?.aborted) {
    yield look();
    await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
  }
}

export function deviceCalls(os: Implementer, { packs }: Parts) {
  return {
    pack: os.devices.pack.handler(async function* ({ input: { name }, signal }) {
      yield* packs.watch(name, signal);
    }),
    getPack: os.devices.getPack.handler(({ input }) => packs.get(input.name)),
    stopPack: os.devices.stopPack.handler(({ input }) => packs.stop(input.name)),
    testPack: os.devices.testPack.handler(({ signal }) => packs.test(signal)),
    removePack: os.devices.removePack.handler(async ({ input }) => ({
      freedBytes: await packs.remove(input.name),
    })),
  };
}

export function settingsCalls(os: Implementer, { store, host, engine, supervisor, allowed }: Parts) {
  const hubToken = async () => ({ kept: (await host.secrets.get(HUB_TOKEN)) !== null });
  return {
    get: os.settings.get.handler(() => store.settings.get()),
    set: os.settings.set.handler(({ input }) => {
      if (input.hubMirror && !isSafeAddress(new URL(input.hubMirror))) throw unsafeMirror(input.hubMirror);
      return store.settings.set(defined(input));
    }),
    hubToken: os.settings.hubToken.handler(hubToken),
    setHubToken: os.settings.setHubToken.handler(async ({ input }) => {
      const token = input.token?.trim() ?? '';
      await host.secrets.set(HUB_TOKEN, token === '' ? null : token);
      return hubToken();
    }),
    // not cut off when the page goes: half a move would help nobody
    moveData: os.settings.moveData.handler(async ({ input }) => {
      const going = supervisor.list().find(({ state }) => ['starting', 'running', 'pausing'].includes(state));
      if (going)
        throw new AppError(
          'move-forbidden',
          say`“${going.name}” is writing to the data folder.`,
          say`Pause it, or move the data when it has ended.`,
        );
      await allowed.write(input.to);
      return channel<{ readonly fraction: number; readonly done: boolean; readonly folder: string }>(
        async (send) => {
          await engine.closeModels();
          const folder = await store.move(input.to, (fraction) =>
            send({ fraction, done: false, folder: input.to }),
          );
          usePacksOf(folder);
          send({ fraction: 1, done: true, folder });
        },
      );
    }),
  };
}

function unsafeMirror(address: string): AppError {
  return new AppError(
    'unsafe-mirror',
    say`The mirror ${address.slice(0, 200)} is not an https address.`,
    say`Enter one such as https://example.org. Plain http works only for a mirror on this computer.`,
  );
}

/** Files: the system's dialog where the host has one, else folders to look through; and what is dropped or pasted is kept. */
export function fileCalls(on: Implementer, { host, store, allowed }: Parts, log: Log) {
  const open = async (what: PickKind, paths: readonly string[]) => {
    await allowed.open(what, paths);
    for (const one of paths) log.note(`a page opened ${JSON.stringify(one)} (${what})`);
  };
  return {
    pick: on.files.pick.handler(async ({ input: { what, suggest } }) => {
      if (host.pick) {
        const picked = await host.pick(what, suggest);
        await open(what, picked);
        return picked;
      }
      throw new AppError(
        'no-dialogs',
        say`A browser can't show the files of the computer that Fettle runs on.`,
        say`Look through its folders instead.`,
      );
    }),
    open: on.files.open.handler(({ input }) => open(input.what, input.paths)),
    browse: on.files.browse.handler(({ input, signal }) => browse(input.path ?? os.homedir(), signal)),
    keep: on.files.keep.handler(async ({ input }) => {
      const { name, content } = input;
      const bytes = typeof content === 'string' ? content : new Uint8Array(await content.arrayBuffer());
      return { path: await keep(path.join(store.folder, UPLOADS), name, bytes) };
    }),
  };
}

/** What is in a folder: folders first, then files, by the alphabet; hidden ones are left out. Of a file, the folder that it is in. */
async function browse(given: string, signal?: AbortSignal) {
  const named = (await entryAt(path.resolve(given))) ?? (await entryAt(path.resolve(pastedPath(given))));
  const file = named?.kind === 'file' ? named : null;
  const at = file ? path.dirname(file.path) : (named?.path ?? path.resolve(pastedPath(given)));
  let names: string[];
  try {
    names = await readdir(at);
  } catch (cause) {
    throw unreadable(at, cause as NodeJS.ErrnoException);
  }
  signal?.throwIfAborted();
  const shown = names.filter((name) => !name.startsWith('.'));
  const entries = (await Promise.all(shown.map((name) => entryAt(path.join(at, name))))).filter(
    (entry) => entry !== null,
  );
  const parent = path.dirname(at);
  return { path: at, parent: parent === at ? null : parent, entries: entries.sort(byKindAndName), file };
}

/** A path as people paste it: in quotes, as a file address, or with ~ for their home. */
function pastedPath(given: string): string {
  const bare = given.trim().replace(/^(["'])(.*)\1$/, '$2');
  if (URL.canParse(bare) && /^file:\/\/\//i.test(bare)) return fileURLToPath(bare);
  return /^~(?=$|[\\/])/.test(bare) ? path.join(os.homedir(), bare.slice(1)) : bare;
}

/** A file or folder, also where a link leads to it; null for what is neither or cannot be looked at. */
async function entryAt(file: string): Promise<FolderEntry | null> {
  const found = await stat(file).catch(() => null);
  const name = path.basename(file);
  if (found?.isDirectory()) return { name, path: file, kind: 'folder', bytes: null };
  return found?.isFile() ? { name, path: file, kind: 'file', bytes: found.size } : null;
}

const order = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return order.compare(a.name, b.name);
}

function unreadable(folder: string, cause: NodeJS.ErrnoException): AppError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: say`is not there`,
    ENOTDIR: say`is not a folder`,
    EACCES: say`may not be read by you`,
    EPERM: say`may not be read by you`,
  };
  const why = reasons[cause.code ?? ''] ?? say`can't be read: ${cause.message}`;
  return new AppError('folder-not-readable', `${folder} ${why}.`, say`Choose another folder.`, { cause });
}
