/** Asks the index of a folder: by the words of a question, and by its meaning as encoders read it. */
import { LRUCache } from 'lru-cache';
import type { FoundBy, FoundPassage } from '../../../common/extras/find/calls.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { type FolderIndex, placed } from './index-file.ts';
import type { IndexAsked } from './indexing.ts';
import { nearest } from './nearest.ts';

type Encoder = IndexAsked['encoders'][number];
type Ranked = readonly { readonly id: number; readonly score: number }[];

interface AskOptions {
  readonly encoders: readonly Encoder[];
  readonly most: number;
  readonly signal?: AbortSignal | undefined;
}

/** Of 20,000 passages the vectors of one encoder take 30 MB. */
const MOST_LOADED = 2;

interface Loaded {
  readonly version: string;
  readonly passages: Int32Array;
  readonly vectors: Float32Array;
}

/** What is kept between questions: the vectors of the folders that were asked last. */
export class Asking {
  readonly #engine: Pick<EngineCalls, 'vectors'>;
  readonly #loaded = new LRUCache<string, Loaded>({ max: MOST_LOADED });

  constructor(engine: Pick<EngineCalls, 'vectors'>) {
    this.#engine = engine;
  }

  /** What the words of the question find, and what each encoder finds. */
  async ask(
    index: FolderIndex,
    question: string,
    { encoders, most, signal }: AskOptions,
  ): Promise<FoundBy[]> {
    const found = [await foundBy(index, null, async () => index.byWords(question, most))];
    for (const encoder of encoders)
      found.push(
        await foundBy(index, encoder.name, () => this.byMeaning(index, question, encoder, { most, signal })),
      );
    return found;
  }

  async byMeaning(
    index: FolderIndex,
    question: string,
    encoder: Encoder,
    { most, signal }: Omit<AskOptions, 'encoders'>,
  ): Promise<Ranked> {
    const asked = await this.#engine.vectors(
      { encoder: encoder.path, texts: [question], use: 'query' },
      { signal },
    );
    const { passages, vectors } = this.#vectorsOf(index, asked.encoder);
    return nearest(vectors, asked.vectors, most).map(({ at, score }) => ({ id: passages[at]!, score }));
  }

  #vectorsOf(index: FolderIndex, hash: string): Loaded {
    const key = `${index.file} ${hash}`;
    const version = index.version();
    const loaded = this.#loaded.get(key);
    if (loaded?.version === version) return loaded;
    const known = index.encoders().find((one) => one.hash === hash);
    const none = { passages: new Int32Array(), vectors: new Float32Array() };
    const fresh = { version, ...(known ? index.vectors(known) : none) };
    this.#loaded.set(key, fresh);
    return fresh;
  }
}

async function foundBy(
  index: FolderIndex,
  encoder: string | null,
  work: () => Promise<Ranked>,
): Promise<FoundBy> {
  const started = performance.now();
  const ranked = await work();
  const stored = new Map(index.passages(ranked.map(({ id }) => id)).map((one) => [one.id, one]));
  const passages = ranked.flatMap(({ id, score }): FoundPassage[] => {
    const passage = stored.get(id);
    if (!passage) return [];
    return [{ ...placed(passage), path: passage.path, score }];
  });
  return { encoder, passages, ms: performance.now() - started };
}
