/**
 * Opens the experiment store, whatever state it is in: follows a moved data folder, refuses one that a newer
 * Fettle has made, repairs a damaged one, brings an older one up to date, and takes the day's backup.
 */
import fs from 'node:fs';
import path from 'node:path';
import { AppError, systemError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { makeFolder, refuseDeadLink, requireWritable } from '../folders.ts';
import { dataFolder } from '../paths.ts';
import { Base } from './base.ts';
import { Connection, SUSPECT, saysDamaged, storeError, whileOpening } from './connection.ts';
import { followPointers, hasPointer } from './data-files.ts';
import { openEvents } from './events.ts';
import { backUpDaily, migrate, refuseNewer } from './migrate.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { endKilledMoves, moveStore, UNFINISHED } from './move.ts';
import {
  isAnythingLeft,
  leaveOutBroken,
  leftOutNotice,
  recoveryNotice,
  restore,
  takeInFromDisk,
} from './recover.ts';
import { finishDeleting, openRuns } from './runs.ts';
import {
  openAssessments,
  openConversations,
  openDrafts,
  openExports,
  openHardware,
  openKept,
  openModels,
  openSettings,
} from './small-tables.ts';
import type { Store } from './store.ts';

export const STORE_FILE = 'fettle.sqlite';

/** Up to this size the whole file is checked on opening, in about a tenth of a second; of a larger one all but the curves. */
const CHECKED_BYTES = 16 * 2 ** 20;
/** Copying is quicker than checking: opening waits for the backup of a file up to so many times that size. */
const AWAITED_BACKUP = 4;
const CURVES = ['events', 'metrics', 'samples'];

export interface OpenOptions {
  readonly migrations?: readonly Migration[];
  readonly now?: () => Date;
  /** Up to this size the whole file is checked. */
  readonly checkedBytes?: number;
}

/**
 * Opens the store in `folder`, which is made where it is missing. Throws `AppError('store-too-new')` for one
 * that a newer Fettle has made, and `AppError('data-folder-missing')` where it was moved to a disk that is
 * not there.
 */
export async function openStore(folder = dataFolder(), options: OpenOptions = {}): Promise<Store> {
  try {
    while (true) {
      const way = followPointers(folder);
      const at = way.at(-1)!;
      makeDataFolder(at);
      // it may have been moved while this one waited for its turn
      const opened = await whileOpening(at, async () =>
        hasPointer(at) ? null : openSound(at, way, options),
      );
      if (opened) return storeOf(opened.base, way, opened.notice, opened.backup);
    }
  } catch (error) {
    throw systemError(storeError(error));
  }
}

interface Opened {
  readonly base: Base;
  readonly notice: string | null;
  /** The day's backup on its way. */
  readonly backup: Promise<void>;
}

async function openSound(
  at: string,
  way: readonly string[],
  { migrations = MIGRATIONS, now = () => new Date(), checkedBytes = CHECKED_BYTES }: OpenOptions,
): Promise<Opened> {
  const file = path.join(at, STORE_FILE);
  refuseDeadLink(file);
  refuseNewer(file, migrations.length);
  await endKilledMoves(way);
  // whoever works in the copy of a move that was killed means to keep it
  fs.rmSync(path.join(at, UNFINISHED), { force: true });
  const found = openWhole(file, checkedBytes);
  const restored =
    found instanceof Connection ? null : await restore(file, found.flaw, migrations.length, now());
  const on = found instanceof Connection ? found : new Connection(file);
  try {
    const base = new Base(on, at);
    const leftOut = await leaveOutBroken(on, isSmall(file, checkedBytes) ? null : tablesToCheck(on), now());
    const isNew = await migrate(on, at, migrations);
    const taken = restored || leftOut ? await takeInFromDisk(base, restored === null) : null;
    await finishDeleting(base);
    // a store that has just been made or brought up to date has a backup of today, or needs none
    const backup = isNew ? Promise.resolve() : backUpDaily(on, at, now()).catch(() => {});
    if (fs.statSync(file).size <= AWAITED_BACKUP * checkedBytes) await backup;
    const notice =
      taken && (restored ? recoveryNotice(restored, taken) : leftOut && leftOutNotice(leftOut, taken));
    return { base, notice, backup };
  } catch (error) {
    on.close();
    throw error;
  }
}

/** The store, or what is wrong with its file. */
function openWhole(file: string, checkedBytes: number): Connection | { readonly flaw: string } {
  const bytes = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes === 0 && isAnythingLeft(path.dirname(file)))
    return { flaw: fs.existsSync(file) ? say`its file was empty` : say`its file was gone` };
  let on: Connection | null = null;
  try {
    on = new Connection(file);
    const flaw = flawOf(on, file, isSmall(file, checkedBytes));
    if (flaw === null) return on;
    on.close();
    return { flaw };
  } catch (error) {
    on?.close();
    if (!saysDamaged(error)) throw error;
    return { flaw: error instanceof Error ? error.message : String(error) };
  }
}

const isSmall = (file: string, checkedBytes: number) => fs.statSync(file).size <= checkedBytes;

function flawOf(on: Connection, file: string, isWhole: boolean): string | null {
  const suspect = file + SUSPECT;
  if (isWhole || fs.existsSync(suspect)) {
    const flaw = on.flaw(null);
    if (flaw === null) fs.rmSync(suspect, { force: true });
    return flaw;
  }
  return on.flaw(tablesToCheck(on));
}

/** All but those of the curves. */
function tablesToCheck(on: Connection): string[] {
  const tables = on.read(
    "select name from sqlite_schema where type = 'table' and name not like 'runSearch%'",
  ) as { name: string }[];
  return tables.map(({ name }) => name).filter((name) => !CURVES.includes(name));
}

function makeDataFolder(folder: string): void {
  try {
    makeFolder(folder);
    requireWritable(folder);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const message = say`The data folder can't be used. ${cause.message}`;
    throw new AppError('store-not-writable', message, cause.hint, { cause });
  }
}

function storeOf(base: Base, way: readonly string[], notice: string | null, backup: Promise<void>): Store {
  const places = [...way];
  return {
    get folder() {
      return base.folder;
    },
    notice,
    runs: openRuns(base),
    events: openEvents(base),
    assessments: openAssessments(base),
    exports: openExports(base),
    models: openModels(base),
    drafts: openDrafts(base),
    conversations: openConversations(base),
    settings: openSettings(base),
    kept: openKept(base),
    hardware: openHardware(base),
    async move(to, onProgress) {
      await backup;
      return moveStore(base, places, to, onProgress);
    },
    close: () => base.on.close(),
  };
}
