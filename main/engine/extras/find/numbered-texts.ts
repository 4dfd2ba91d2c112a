/** The texts of rows as an encoder reads them, by numbers: what is asked of their vectors before and after. */
import type { VectorFinding } from '../../../../common/extras/find/vectors.ts';
import { rankCorrelation } from '../../../../common/ranking.ts';
import { plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { product, unit, withHardNegatives } from '../../eval/vectors/hard-negatives.ts';
import { promptFor, type Use } from '../../eval/vectors/prompts.ts';
import type { GradedRow, RankedRow } from '../../eval/vectors/vector-tasks.ts';
import type { TextVectors } from '../../eval/vectors/vectors.ts';
import type { FoundEncoder } from '../../load/find-encoders.ts';
import type { CallIo } from '../../session/call-row.ts';
import type { ReadRow } from './vector-rows.ts';

/** The texts of rows by numbers: one text is another one as a query than as a passage, where words are put before them. */
export class Texts {
  readonly ids: number[][] = [];
  /** As they were given. */
  readonly texts: string[] = [];
  cut = 0;
  readonly #numbers = new Map<string, number>();
  readonly #vectors: TextVectors;
  readonly #prompts: Readonly<Record<Use, string | undefined>>;

  constructor(vectors: TextVectors, { prompt }: FoundEncoder, isGraded: boolean) {
    this.#vectors = vectors;
    const of = (use: Use) => promptFor(use, vectors.prompts, prompt);
    // two texts that are alike have no part of their own
    this.#prompts = isGraded
      ? { query: undefined, document: undefined }
      : { query: of('query'), document: of('document') };
  }

  get maxTokens(): number {
    return this.#vectors.maxTokens;
  }

  numberOf(text: string, use: Use): number {
    const prompt = this.#prompts[use];
    const key = JSON.stringify([prompt, text]);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const most = this.#vectors.maxTokens;
    const options = prompt === undefined ? {} : { prompt };
    const whole = this.#vectors.idsOf(text, { ...options, atMost: most + 1 });
    if (whole.length > most) this.cut++;
    this.ids.push(whole.length > most ? this.#vectors.idsOf(text, options) : whole);
    this.texts.push(text);
    this.#numbers.set(key, this.ids.length - 1);
    return this.ids.length - 1;
  }

  ranked({ query, passage, negatives }: ReadRow): RankedRow {
    return {
      query: this.numberOf(query, 'query'),
      passage: this.numberOf(passage, 'document'),
      negatives: negatives.map((text) => this.numberOf(text, 'document')),
    };
  }

  graded({ query, passage, score }: ReadRow): GradedRow {
    return {
      first: this.numberOf(query, 'query'),
      second: this.numberOf(passage, 'document'),
      score: score!,
    };
  }
}

/** The rows with `count` passages that an encoder finds near each query, and that don't answer it. */
export async function mine(
  rows: readonly RankedRow[],
  { ids }: Texts,
  vectors: TextVectors,
  count: number,
  { emit, stop }: CallIo,
): Promise<readonly RankedRow[]> {
  if (count === 0) return rows;
  const detail = say`Looking for hard negatives`;
  const all = await vectors.ofIds(ids, {
    stop,
    onProgress: (done, total) => emit({ event: 'phase', phase: 'read', fraction: done / total, detail }),
  });
  const passages = [...new Set(rows.flatMap(({ passage, negatives }) => [passage, ...negatives]))];
  return withHardNegatives(rows, all, { count, passages, stop });
}

/** How far the cosines of graded test pairs have the order of their scores; null where there are none. */
export async function orderOf(
  pairs: readonly GradedRow[],
  texts: Texts,
  vectors: TextVectors,
  stop: AbortSignal,
): Promise<number | null> {
  if (pairs.length < 2) return null;
  return rankCorrelation(
    await cosinesOf(pairs, texts, vectors, stop),
    pairs.map(({ score }) => score),
  );
}

export async function cosinesOf(
  pairs: readonly Pick<GradedRow, 'first' | 'second'>[],
  { ids }: Texts,
  vectors: TextVectors,
  stop: AbortSignal,
): Promise<number[]> {
  const read = async (texts: readonly number[]) =>
    (
      await vectors.ofIds(
        texts.map((text) => ids[text]!),
        { stop },
      )
    ).map(unit);
  const firsts = await read(pairs.map(({ first }) => first));
  const seconds = await read(pairs.map(({ second }) => second));
  return firsts.map((one, i) => product(one, seconds[i]!));
}

export function cutFinding({ cut, maxTokens }: Pick<Texts, 'cut' | 'maxTokens'>): VectorFinding[] {
  if (cut === 0) return [];
  const message = say`${plural(cut, 'text')} are longer than the ${maxTokens} tokens that the encoder reads. Their ends are not read.`;
  return [{ code: 'cut', rows: cut, message }];
}
