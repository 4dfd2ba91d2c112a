/** The app's side of the packs: what is known of each, and the downloads that go on, for whoever watches. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PackNow, Problem } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { SpeedTest } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { Changes } from '../changes.ts';
import { freeBytes } from '../folders.ts';
import { Connection, type Secrets, TUNING, type Tuning } from '../hub/connection.ts';
import { problemOf, Speed } from '../hub/download/list-entry.ts';
import { logIn } from '../log.ts';
import { packsFolder, resourcesFolder } from '../paths.ts';
import { keptSpeedTest } from '../speed-tests.ts';
import type { Store } from '../store/store.ts';
import { installPack, type PackProgress } from './install.ts';
import {
  LABEL,
  type Pack,
  type PackName,
  type PackState,
  packBytes,
  packFolder,
  packState,
  packsFor,
  packsOf,
  removePack,
  usePacksOf,
} from './pack.ts';

/** Optional native libraries, downloaded on request. */
export type Packs = ReturnType<typeof openPacks>;

interface PacksOptions {
  readonly store: Pick<Store, 'folder' | 'settings'>;
  readonly host: { readonly secrets: Secrets };
  readonly resources?: string;
  readonly tuning?: Partial<Tuning>;
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Tests the speed pack in a process of the engine, which keeps the result. */
  readonly test?: (signal?: AbortSignal) => Promise<unknown>;
  /** Called when a pack has come or gone: what is known of the computer is asked for again. */
  readonly onChange?: () => void;
}

interface Going {
  readonly stop: AbortController;
  readonly speed: Speed;
  readonly ended: Promise<void>;
  progress: PackProgress | null;
}

/** Opens the packs' part of the app, and tells engines that are started from now on where packs are. */
export function openPacks(options: PacksOptions) {
  const { store, host, resources = resourcesFolder() } = options;
  usePacksOf(store.folder);
  const tuning = { ...TUNING, ...options.tuning };
  const connection = new Connection({ settings: store.settings, secrets: host.secrets, tuning });
  const shared = { ...options, tuning, connection };
  const packs = new Map(packsFor(resources).map((pack) => [pack.name, new AppPack(pack, shared)]));
  const named = (name: PackName): AppPack => {
    const found = packs.get(name);
    if (found) return found;
    throw new AppError('pack-missing', say`There is no such pack for this computer.`, say`Train without it.`);
  };
  return {
    watch: (name: PackName, signal?: AbortSignal) => named(name).watch(signal),
    get: (name: PackName) => named(name).get(),
    stop: (name: PackName) => named(name).stop(),
    /** Tests the speed pack; who watches it hears what it gave. */
    async test(signal?: AbortSignal): Promise<void> {
      await options.test?.(signal);
      await named('openvino').look();
    },
    /** Gives the bytes that were freed. */
    remove: (name: PackName) => named(name).remove(),
    async close() {
      await Promise.all([...packs.values()].map((pack) => pack.close()));
      await connection.close();
    },
  };
}

interface Shared extends PacksOptions {
  readonly tuning: Tuning;
  readonly connection: Connection;
}

class AppPack {
  readonly #pack: Pack;
  readonly #shared: Shared;
  readonly #changes = new Changes();
  #state: PackState = { kind: 'absent', partBytes: 0 };
  #test: PackNow['test'] = null;
  #problem: Problem | null = null;
  #going: Going | null = null;

  constructor(pack: Pack, shared: Shared) {
    this.#pack = pack;
    this.#shared = shared;
  }

  async *watch(signal?: AbortSignal): AsyncGenerator<PackNow> {
    await this.look();
    yield* this.#changes.watch(() => this.#shown(), this.#shared.tuning.reportMs, signal);
  }

  get(): void {
    if (this.#going !== null) return;
    this.#problem = null;
    const { promise, resolve } = Promise.withResolvers<void>();
    const own: Going = { stop: new AbortController(), speed: new Speed(), ended: promise, progress: null };
    this.#going = own;
    void this.#install(own).finally(resolve);
    this.#changes.tell();
  }

  async stop(): Promise<void> {
    this.#going?.stop.abort();
    await this.#going?.ended;
  }

  async remove(): Promise<number> {
    await this.stop();
    const freed = await removePack(this.#packs, this.#pack.name);
    this.#problem = null;
    await this.look();
    this.#shared.onChange?.();
    return freed;
  }

  async close(): Promise<void> {
    await this.stop();
    this.#changes.close();
  }

  get #packs(): string {
    return packsOf(this.#shared.store.folder);
  }

  async look(): Promise<void> {
    this.#state = await packState(this.#packs, this.#pack);
    const test = this.#pack.name === 'openvino' ? keptSpeedTest('openvino', this.#pack.release) : null;
    this.#test = test && { gain: test.gain, problem: test.problem };
    this.#changes.tell();
  }

  async #install(own: Going): Promise<void> {
    const onProgress = (progress: PackProgress) => {
      own.progress = progress;
      if (progress.doing === 'downloading') own.speed.note(progress.bytes, Date.now());
      this.#changes.tell();
    };
    const { signal } = own.stop;
    const { connection, tuning } = this.#shared;
    try {
      const free = this.#shared.freeBytes ?? freeBytes;
      const [pack, packs] = [this.#pack, this.#packs];
      await installPack({ pack, packs, connection, tuning, signal, onProgress, freeBytes: free });
    } catch (error) {
      if (!signal.aborted) this.#problem = logIn(this.#shared.store).problem('a pack', problemOf(error));
    } finally {
      this.#going = null;
      await this.look();
      this.#shared.onChange?.();
    }
  }

  #shown(): PackNow {
    const [pack, state, going] = [this.#pack, this.#state, this.#going];
    const { download, disk } = packBytes(pack);
    const licences = [...new Map(pack.archives.map(({ licence }) => [licence.name, licence])).values()];
    const progress = going?.progress ?? null;
    const isComing = going !== null && progress?.doing !== 'unpacking';
    const bytesPerSecond = isComing ? (going?.speed.perSecond(Date.now()) ?? null) : null;
    const bytes = progress?.bytes ?? (state.kind === 'absent' ? state.partBytes : 0);
    return {
      name: pack.name,
      downloadBytes: download,
      diskBytes: disk,
      contents: pack.contents,
      licences,
      test: state.kind === 'ready' ? this.#test : null,
      problem: this.#problem,
      state: going === null ? state.kind : isComing ? 'downloading' : 'unpacking',
      bytes: state.kind === 'ready' ? download : bytes,
      bytesPerSecond,
      secondsLeft: bytesPerSecond ? (download - bytes) / bytesPerSecond : null,
    };
  }
}

/** Whether the speed pack is on this computer. */
export function hasSpeedPack(): boolean {
  return (
    Boolean(process.env.FETTLE_OPENVINO_HOME) ||
    existsSync(path.join(packFolder(packsFolder(), 'openvino'), LABEL))
  );
}

/** How many times as fast a step is with OpenVINO, where that is here and has passed its test; else null. */
export function speedPackGain(): number | null {
  return hasSpeedPack() ? gainOf(keptSpeedTest('openvino')) : null;
}

/** The same of products in 8 bits. */
export const int8Gain = (): number | null => gainOf(keptSpeedTest('int8'));

const gainOf = (test: SpeedTest | null): number | null => (test?.problem === null ? test.gain : null);
