/** Asks the index of a folder: by the words of a question, and by its meaning as encoders read it. */
import { LRUCache } from 'lru-cache';
import type { FoundBy, FoundPassage } from '../../../common/extras/find/calls.ts';
import { REREAD } from '../../../common/extras/find/vectors.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { type FolderIndex, placed } from './index-file.ts';
import { type IndexAsked, textOf } from './indexing.ts';
import { nearest } from './nearest.ts';

type Encoder = IndexAsked['encoders'][number];
/** A reranker, by its folder. */
export type Reranker = Encoder;
type Ranked = readonly { readonly id: number; readonly score: number }[];

interface AskOptions {
  readonly encoders: readonly Encoder[];
  readonly reranker?: Reranker | undefined;
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
  readonly #engine: Pick<EngineCalls, 'vectors' | 'rerank'>;
  readonly #loaded = new LRUCache<string, Loaded>({ max: MOST_LOADED });

  constructor(engine: Pick<EngineCalls, 'vectors' | 'rerank'>) {
    this.#engine = engine;
  }

  /** What the words of the question find, what each encoder finds, and the order of a reranker. */
  async ask(
    index: FolderIndex,
    question: string,
    { encoders, reranker, most, signal }: AskOptions,
  ): Promise<FoundBy[]> {
    const found = [await foundBy(index, null, async () => index.byWords(question, most))];
    for (const encoder of encoders)
      found.push(
        await foundBy(index, encoder.name, () => this.byMeaning(index, question, encoder, { most, signal })),
      );
    if (reranker)
      found.push({
        ...(await foundBy(index, reranker.name, () =>
          this.reread(index, question, reranker, { encoders, most, signal }),
        )),
        isReranker: true,
      });
    return found;
  }

  /** What words and the encoders find, in the order of a reranker, which reads each passage together with the question. */
  async reread(
    index: FolderIndex,
    question: string,
    reranker: Reranker,
    { encoders, most, signal }: AskOptions,
  ): Promise<Ranked> {
    const found = [index.byWords(question, REREAD)];
    for (const encoder of encoders)
      found.push([...(await this.byMeaning(index, question, encoder, { most: REREAD, signal }))]);
    const passages = index.passages([...new Set(found.flat().map(({ id }) => id))]);
    const texts = passages.map(textOf);
    const scores = await this.#engine.rerank(
      { reranker: reranker.path, question, passages: texts },
      { signal },
    );
    return passages
      .map(({ id }, i) => ({ id, score: scores[i]! }))
      .sort((a, b) => b.score - a.score)
      .slice(0, most);
  }

  async byMeaning(
    index: FolderIndex,
    question: string,
    encoder: Encoder,
    { most, signal }: Pick<AskOptions, 'most' | 'signal'>,
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
