/** How well words and encoders find the passages that answer questions: a file of rows with a question and its passage each. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { AskedPassages, FindJudged } from '../../../common/extras/find/vectors.ts';
import { ndcg, rankingScores } from '../../../common/ranking.ts';
import { say } from '../../../common/words/language.ts';
import { inTemporaryFolder } from '../../folders.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { Asking, type Reranker } from './asking.ts';
import { withIndex } from './finder.ts';
import type { FolderIndex } from './index-file.ts';
import { type IndexAsked, readPassages } from './indexing.ts';

/** Passages that are looked at for a question. */
const DEPTH = 100;

/** Questions with the same words are one, with the passages of all. */
export function gathered(
  rows: readonly { readonly question: string; readonly passage: string }[],
): AskedPassages[] {
  const byQuestion = Map.groupBy(rows, ({ question }) => question);
  return [...byQuestion].map(([question, same]) => ({
    question,
    passages: [...new Set(same.map(({ passage }) => passage))],
  }));
}

interface Ways {
  readonly encoders: IndexAsked['encoders'];
  /** It orders what words and the encoders find. */
  readonly reranker?: Reranker | undefined;
}

interface Io extends Omit<Parameters<typeof readPassages>[2], 'engine'> {
  readonly engine: Pick<EngineCalls, 'passages' | 'vectors' | 'rerank'>;
}

/** How well each way finds, and its nDCG@10 of each question. */
export interface JudgedEach extends FindJudged {
  readonly each: readonly (readonly number[])[];
}

/** Every passage that answers one of them, and `others`, are those that each question is asked of. */
export async function judgeFinding(
  asked: readonly AskedPassages[],
  ways: Ways,
  io: Io,
  others: readonly string[] = [],
): Promise<JudgedEach> {
  if (asked.length === 0)
    throw new AppError(
      'no-rows',
      say`No row has a question and the passage that answers it.`,
      say`Name the columns of the question and the passage.`,
    );
  return await inTemporaryFolder('rank', (folder) =>
    withIndex(path.join(folder, 'rank.db'), folder, (index) => judged(index, asked, ways, io, others)),
  );
}

async function judged(
  index: FolderIndex,
  asked: readonly AskedPassages[],
  { encoders, reranker }: Ways,
  io: Io,
  others: readonly string[],
): Promise<JudgedEach> {
  const texts = [...new Set([...asked.flatMap(({ passages }) => passages), ...others])];
  index.put(
    { path: 'rows', bytes: 0, changed: 0, hash: '' },
    { passages: texts.map((text) => ({ text, heading: '', page: null })), isCut: false },
  );
  const asking = new Asking(io.engine);
  const ways = [
    { encoder: null, find: async (question: string) => index.byWords(question, DEPTH) },
    ...encoders.map((encoder) => ({
      encoder: encoder.name,
      find: (question: string) =>
        asking.byMeaning(index, question, encoder, { most: DEPTH, signal: io.signal }),
    })),
    ...(reranker
      ? [
          {
            encoder: reranker.name,
            isReranker: true as const,
            find: (question: string) =>
              asking.reread(index, question, reranker, { encoders, most: DEPTH, signal: io.signal }),
          },
        ]
      : []),
  ];
  for (const encoder of encoders) await readPassages(index, encoder, io);
  const by: FindJudged['by'][number][] = [];
  const each: number[][] = [];
  for (const { find, ...way } of ways) {
    const gains = [];
    for (const { question, passages } of asked) {
      io.signal?.throwIfAborted();
      const found = index.passages((await find(question)).map(({ id }) => id));
      gains.push({
        found: found.map(({ text }) => (passages.includes(text) ? 1 : 0)),
        all: passages.map(() => 1),
      });
    }
    by.push({ ...way, ...rankingScores(gains) });
    each.push(gains.map(({ found, all }) => ndcg(found, all)));
  }
  return { passages: texts.length, by, each };
}
