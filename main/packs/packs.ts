/**
 * The app's side of the NVIDIA pack: what is known of it, and the one download that goes on, for whoever
 * watches.
 */
import type { NvidiaPack, Problem } from '../../common/api/contract.ts';
import { Changes } from '../changes.ts';
import { freeBytes } from '../folders.ts';
import { Connection, type Secrets, TUNING, type Tuning } from '../hub/connection.ts';
import { problemOf, Speed } from '../hub/download/list-entry.ts';
import { resourcesFolder } from '../paths.ts';
import type { Store } from '../store/store.ts';
import { installPack, type PackProgress } from './install.ts';
import {
  type PackManifest,
  type PackState,
  packBytes,
  packState,
  packsOf,
  readManifest,
  removePack,
  usePacksOf,
} from './pack.ts';

/** Optional native libraries, downloaded on request. */
export interface Packs {
  nvidia(signal?: AbortSignal): AsyncIterable<NvidiaPack>;
  getNvidia(): void;
  stopNvidia(): Promise<void>;
  /** Gives the bytes that were freed. */
  removeNvidia(): Promise<number>;
  close(): Promise<void>;
}

interface PacksOptions {
  readonly store: Pick<Store, 'folder' | 'settings'>;
  readonly host: { readonly secrets: Secrets };
  readonly resources?: string;
  readonly tuning?: Partial<Tuning>;
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Called when the pack has come or gone: what is known of the cards is asked for again. */
  readonly onChange?: () => void;
}

interface Going {
  readonly stop: AbortController;
  readonly speed: Speed;
  readonly ended: Promise<void>;
  progress: PackProgress | null;
}

/** Opens the packs' part of the app, and tells engines that are started from now on where packs are. */
export function openPacks(options: PacksOptions): Packs {
  const { store, host, resources = resourcesFolder(), onChange = () => {} } = options;
  usePacksOf(store.folder);
  const tuning = { ...TUNING, ...options.tuning };
  const connection = new Connection({ settings: store.settings, secrets: host.secrets, tuning });
  const changes = new Changes();
  const manifest = readManifest(resources);
  const folder = () => packsOf(store.folder);
  let state: PackState | null = null;
  let problem: Problem | null = null;
  let going: Going | null = null;

  async function look(): Promise<void> {
    state = await packState(folder(), manifest);
    changes.tell();
  }

  async function install(own: Going): Promise<void> {
    const onProgress = (progress: PackProgress) => {
      own.progress = progress;
      if (progress.doing === 'downloading') own.speed.note(progress.bytes, Date.now());
      changes.tell();
    };
    const { signal } = own.stop;
    try {
      const packs = folder();
      const free = options.freeBytes ?? freeBytes;
      await installPack({ manifest, connection, tuning, signal, onProgress, packs, freeBytes: free });
    } catch (error) {
      if (!signal.aborted) problem = problemOf(error);
    } finally {
      going = null;
      await look();
      onChange();
    }
  }

  return {
    async *nvidia(signal) {
      await look();
      yield* changes.watch(() => shown(manifest, state!, problem, going), tuning.reportMs, signal);
    },
    getNvidia() {
      if (going !== null) return;
      problem = null;
      const { promise, resolve } = Promise.withResolvers<void>();
      const own: Going = { stop: new AbortController(), speed: new Speed(), ended: promise, progress: null };
      going = own;
      void install(own).finally(resolve);
      changes.tell();
    },
    async stopNvidia() {
      going?.stop.abort();
      await going?.ended;
    },
    async removeNvidia() {
      going?.stop.abort();
      await going?.ended;
      const freed = await removePack(folder());
      problem = null;
      await look();
      onChange();
      return freed;
    },
    async close() {
      going?.stop.abort();
      await going?.ended;
      changes.close();
      await connection.close();
    },
  };
}

function shown(
  manifest: PackManifest,
  state: PackState,
  problem: Problem | null,
  going: Going | null,
): NvidiaPack {
  const { download, disk } = packBytes(manifest);
  const { onnxruntime, cuda, oldestDriver, archives } = manifest;
  const licences = [...new Map(archives.map(({ licence }) => [licence.name, licence])).values()];
  const progress = going?.progress ?? null;
  const isComing = going !== null && progress?.doing !== 'unpacking';
  const bytesPerSecond = isComing ? (going?.speed.perSecond(Date.now()) ?? null) : null;
  const bytes = progress?.bytes ?? (state.kind === 'absent' ? state.partBytes : 0);
  return {
    downloadBytes: download,
    diskBytes: disk,
    onnxruntime,
    cuda,
    oldestDriver,
    licences,
    problem,
    state: going === null ? state.kind : isComing ? 'downloading' : 'unpacking',
    bytes: state.kind === 'ready' ? download : bytes,
    bytesPerSecond,
    secondsLeft: bytesPerSecond ? (download - bytes) / bytesPerSecond : null,
  };
}
