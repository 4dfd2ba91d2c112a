/** The words of the page that finds by meaning. */
import { about, bytes, duration, number } from '../../../common/words/format.ts';
import english from '../../../words/en/pages/find.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { find } = texts('find', english, {
  find: {
    folder: {
      counts: (files: number, passages: number) => ({ files, passages }),
      leftOut: (count: number) => ({ count }),
    },
    encoder: {
      about: (size: number, languages: string, licence: string) => ({
        size: bytes(size),
        languages,
        licence,
      }),
      get: (name: string, size: number) => ({ name, size: bytes(size) }),
    },
    reading: {
      passages: (name: string) => ({ name }),
      speed: (done: number, total: number, perSecond: number) => ({ done, total, perSecond }),
      done: (count: number, seconds: number) => ({ count, time: duration(seconds) }),
      ahead: (count: number, seconds: number) => ({
        count,
        time: about(seconds),
        perSecond: Math.max(1, count / Math.max(seconds, 0.001)),
      }),
      rest: (count: number) => ({ count }),
    },
    improve: {
      price: (seconds: number, size: number) => ({ time: about(seconds), size: bytes(size) }),
      priceWhy: (perSecond: number) => ({ rate: number(Math.round(perSecond)) }),
      about: (questions: number, passages: number) => ({ questions, passages }),
      order: (before: number, after: number) => ({ before: number(before, 2), after: number(after, 2) }),
      general: (before: number, after: number) => ({ before: number(before, 2), after: number(after, 2) }),
      took: (seconds: number, size: number, estimated: number) => ({
        time: duration(seconds),
        size: bytes(size),
        estimated: bytes(estimated),
      }),
      harmMeasured: (without: number, using: number) => ({
        without: number(without, 2),
        using: number(using, 2),
      }),
      name: (name: string) => ({ name }),
    },
    ask: {
      meaning: (name: string) => ({ name }),
      again: (name: string) => ({ name }),
      took: (ms: number) => ({ ms }),
      page: (page: number) => ({ page }),
      row: (row: number) => ({ row }),
      score: (score: number) => ({ score: number(score, 2) }),
    },
  },
});
