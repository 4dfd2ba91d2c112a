/** The page about memory, and the words of its calculator. */

import type { Otherwise } from '../../../../common/extras/learn/calls.ts';
import { bytes, count, number } from '../../../../common/words/format.ts';
import { marks } from '../../../../common/words/marks.ts';
import english from '../../../../words/en/pages/learn-memory.json' with { type: 'json' };
import { composed, texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

const words = texts('learn-memory', english, {
  memoryWords: {
    fettleBar: (model: string, parameters: number) => ({ model, parameters: count(parameters) }),
    trained: (trained: number, all: number) => ({
      isAll: trained === all,
      all: count(all),
      trained: count(trained),
    }),
    each: (bytesEach: number) => ({ bytesEach: number(bytesEach, 2) }),
    shape: (name: string, layers: number, width: number) => ({ name, layers, width }),
    fettleShape: (rows: number, length: number) => ({ rows, length }),
    difference: (textbook: number, fettle: number) => ({ textbook: bytes(textbook), fettle: bytes(fettle) }),
    ofWeights: (part: string, weights: number, each: number, size: number) => ({
      ...{ part, count: count(weights), size: bytes(size) },
      each: number(each, 4, 0),
    }),
    ofTokens: (part: string, rows: number, length: number, size: number) => ({
      ...{ part, rows, length, size: bytes(size) },
      each: bytes(size / (rows * length)),
    }),
    otherwise: composed(
      { sentence: (what: string) => ({ what }) },
      (words: Readonly<Record<Otherwise, string>> & { readonly sentence: (what: string) => string }) =>
        (what: readonly Otherwise[]) =>
          words.sentence(what.map((each) => words[each]).join(marks().semicolon)),
    ),
  },
});

export const memory = words.memory as LearnPage;
export const { memoryWords } = words;
