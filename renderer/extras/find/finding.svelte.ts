/** What is searched in, by which models, and what was found; reading goes on while other pages are shown. */
import type { Problem } from '../../../common/api/contract.ts';
import type {
  FindEncoder,
  FoundBy,
  IndexedFolder,
  IndexNews,
  IndexResult,
} from '../../../common/extras/find/calls.ts';
import { api, isAborted, problemOf } from '../../api.ts';
import { harmOf } from './harm.ts';

/** What takes no longer is read without a question. Seconds. */
const SHORT = 5;
const SHOWN = 10;

interface Read {
  readonly passages: number;
  readonly seconds: number;
}

const NOTHING: Read = { passages: 0, seconds: 0 };

class Finding {
  encoders = $state.raw<readonly FindEncoder[]>([]);
  rerankers = $state.raw<readonly FindEncoder[]>([]);
  folders = $state.raw<readonly IndexedFolder[]>([]);
  loaded = $state(false);
  /** The path of the folder that is chosen, and the folders of the models that read it. */
  folder = $state<string>();
  encoder = $state<string>();
  beside = $state<string>();
  /** It orders what the others find. */
  reranker = $state<string>();
  news = $state.raw<IndexNews | null>(null);
  result = $state.raw<IndexResult | null>(null);
  /** What models have read of the folder since it was chosen or last changed. */
  read = $state.raw<Read>(NOTHING);
  found = $state.raw<readonly FoundBy[] | null>(null);
  problem = $state.raw<Problem | null>(null);
  reading = $state(false);
  asking = $state(false);
  readonly known = $derived(this.folders.find(({ folder }) => folder === this.folder) ?? null);
  readonly chosen = $derived([...new Set([this.encoder, this.beside])].filter((one) => one !== undefined));
  /** Passages that are still to be read, and how long that takes; null where that is not known. */
  readonly left = $derived.by(() => {
    const unread = (this.result?.read ?? []).filter(({ left }) => left > 0);
    if (unread.length === 0) return null;
    const seconds = unread.some(({ secondsLeft }) => secondsLeft === null)
      ? null
      : unread.reduce((sum, one) => sum + one.secondsLeft!, 0);
    return { passages: unread.reduce((sum, one) => sum + one.left, 0), seconds };
  });
  readonly harm = $derived.by(() => {
    const of = (all: readonly FindEncoder[], path: string | undefined) =>
      all.find((one) => one.path === path);
    return harmOf(of(this.encoders, this.encoder), of(this.rerankers, this.reranker));
  });
  #stop = new AbortController();
  #asked = '';

  async load(): Promise<void> {
    const [{ encoders, rerankers }, folders] = await Promise.all([api.find.readers(), api.find.folders()]);
    [this.encoders, this.rerankers, this.folders, this.loaded] = [encoders, rerankers, folders, true];
    if (!encoders.some(({ path }) => path === this.encoder)) this.encoder = encoders[0]?.path;
    if (!encoders.some(({ path }) => path === this.beside)) this.beside = undefined;
    if (!rerankers.some(({ path }) => path === this.reranker)) this.reranker = undefined;
    this.folder ??= folders[0]?.folder;
    if (!this.reading) await this.look();
  }

  async choose(folder: string): Promise<void> {
    [this.folder, this.result, this.found, this.problem] = [folder, null, null, null];
    await this.look();
  }

  async readBy(encoder: string | undefined): Promise<void> {
    this.encoder = encoder;
    await this.look();
  }

  async compareWith(encoder: string | undefined): Promise<void> {
    this.beside = encoder;
    await this.look();
  }

  orderBy(reranker: string | undefined): void {
    this.reranker = reranker;
    if (this.found !== null) void this.#find();
  }

  /** Reads what has changed; what would take longer waits for the person. */
  async look(): Promise<void> {
    this.read = NOTHING;
    if (!(await this.#update(true))) return;
    const { left } = this;
    if (left?.seconds != null && left.seconds <= SHORT) await this.#update(false);
  }

  /** Reads all. */
  async readAll(): Promise<void> {
    await this.#update(false);
  }

  /** Resolves with whether it came to its end. What goes on for another choice is given up first. */
  async #update(isLook: boolean): Promise<boolean> {
    if (this.folder === undefined) return false;
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    [this.reading, this.problem, this.news] = [true, null, null];
    try {
      const asked = { folder: this.folder, encoders: this.chosen, isLook };
      for await (const news of await api.find.index(asked, { signal: stop.signal })) {
        if (stop.signal.aborted) return false;
        if (news.kind === 'done') this.#show(news);
        else this.news = news;
      }
      return true;
    } catch (error) {
      if (!stop.signal.aborted && !isAborted(error)) this.problem = problemOf(error);
      return false;
    } finally {
      if (this.#stop === stop) {
        [this.reading, this.news] = [false, null];
        this.folders = await api.find.folders().catch(() => this.folders);
      }
    }
  }

  #show(result: IndexResult): void {
    this.result = result;
    const add = (what: 'passages' | 'seconds') =>
      result.read.reduce((sum, one) => sum + one[what], this.read[what]);
    this.read = { passages: add('passages'), seconds: add('seconds') };
  }

  /** What is read so far is kept, and the rest waits. */
  stop(): void {
    const { news, result } = this;
    this.#stop.abort();
    [this.reading, this.news] = [false, null];
    if (news?.kind !== 'passages' || result === null) return;
    const now = { left: news.total - news.done, secondsLeft: news.left };
    const read = result.read.map((one) => (one.encoder === news.encoder ? { ...one, ...now } : one));
    this.result = { ...result, read };
  }

  async ask(question: string): Promise<void> {
    if (question.trim() === '' || this.asking) return;
    this.asking = true;
    this.#asked = question;
    // what was changed a moment ago is found too
    if (!this.reading) await this.look();
    await this.#find();
    this.asking = false;
  }

  async #find(): Promise<void> {
    const { known } = this;
    if (known === null) return;
    try {
      const asked = {
        id: known.id,
        question: this.#asked,
        encoders: this.chosen,
        most: SHOWN,
        ...(this.reranker !== undefined && { reranker: this.reranker }),
      };
      this.found = await api.find.ask(asked);
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  /** Files may have been changed in another program: looks, and asks again where something is new. */
  async returned(): Promise<void> {
    if (!this.loaded || this.reading || this.asking) return;
    const before = this.known;
    await this.look();
    const isNew = this.read.passages > 0 || before?.passages !== this.known?.passages;
    if (isNew && this.found !== null) await this.#find();
  }

  async forget(): Promise<void> {
    if (this.known === null) return;
    this.stop();
    await api.find.remove({ id: this.known.id });
    [this.folder, this.found, this.result] = [undefined, null, null];
    await this.load();
  }
}

export const finding = new Finding();
