/** The words of a run's result: verdict, evidence, the blind round, what to do next. */
import type { AnswerFigures } from '../../common/api/contract.ts';
import { figure, number, percent } from '../../common/words/format.ts';
import english from '../../words/en/pages/result.json' with { type: 'json' };
import { byName, texts } from './texts.ts';

const signed = (value: number, digits: number) => {
  const size = number(Math.abs(value), digits);
  const sign = value > 0 ? '+' : '−';
  return size === number(0, digits) ? size : `${sign}${size}`;
};

export const { result } = texts('result', english, {
  result: {
    signed: signed,
    points: (share: number) => signed(100 * share, 0),
    range: (low: string, high: string) => ({ low, high }),
    interval: (value: string, low: string, high: string) => ({ value, low, high }),
    opening: {
      right: {
        yes: (before: string, after: string) => ({ after, before }),
        partly: (before: string, after: string) => ({ after, before }),
        same: (before: string, after: string) => ({ isSame: before === after, after, before }),
        worse: (before: string, after: string) => ({ after, before }),
        known: (before: string, after: string) => ({ after, before }),
      },
      fields: {
        yes: (before: string, after: string) => ({ after, before }),
        partly: (before: string, after: string) => ({ after, before }),
        same: (before: string, after: string) => ({ isSame: before === after, after, before }),
        worse: (before: string, after: string) => ({ after, before }),
        known: (before: string, after: string) => ({ after, before }),
      },
      closed: {
        yes: (before: string, after: string) => ({ before, after }),
        partly: (before: string, after: string) => ({ before, after }),
        form: (before: string, after: string) => ({ before, after }),
        same: (before: string, after: string) => ({ isSame: before === after, after, before }),
        worse: (before: string, after: string) => ({ before, after }),
        known: (before: string, after: string) => ({ before, after }),
      },
      form: (before: string, after: string, rows: number) => ({ before, after, rows }),
      similar: {
        yes: (before: string, after: string) => ({ after, before }),
        partly: (before: string, after: string) => ({ after, before }),
        same: (_before: string, _after: string) => ({}),
        worse: (before: string, after: string) => ({ after, before }),
      },
      changed: {
        yes: (before: string, after: string) => ({ after, before }),
        partly: (before: string, after: string) => ({ after, before }),
        same: (_before: string, _after: string) => ({}),
        worse: (before: string, after: string) => ({ after, before }),
      },
      unknown: { few: (rows: number) => ({ rows }) },
    },
    verdict: { assessed: (when: string, took: string) => ({ when, took }) },
    loss: {
      rows: (rows: number, tokens: number) => ({ rows, tokens }),
      texts: (rows: number, tokens: number) => ({ rows, tokens }),
      times: (factor: number) => ({ factor: figure(factor) }),
    },
    preference: { lead: (pairs: number) => ({ pairs }) },
    closed: {
      lead: (answers: number, rows: number) => ({ answers, rows }),
      knows: (field: string | null) => ({ hasField: field !== null, field }),
      form: (rows: number) => ({ rows }),
    },
    scores: {
      lead: (rows: number) => ({ rows }),
      tried: (tried: number, rows: number) => ({ tried, rows }),
    },
    confusion: { title: (field: string | null) => ({ hasField: field !== null, field }) },
    answers: {
      option: (label: string, count: number) => ({ label, count }),
      partly: (score: number, by: AnswerFigures['score']) => ({ by, score: percent(score) }),
      more: (count: number) => ({ count }),
    },
    forgot: {
      lead: (own: boolean) => ({ own }),
      quiz: (items: number) => ({ items }),
      change: (change: string, low: string, high: string) => ({ change, low, high }),
      broke: (worse: number, better: number) => ({ worse, better }),
      brokenMore: (count: number) => ({ count }),
    },
    remedies: { actions: byName },
    blind: {
      progress: (at: number, of: number) => ({ at: number(at), of }),
      outcome: {
        trained: (wins: number, of: number) => ({ wins, of }),
        base: (wins: number, of: number) => ({ wins, of }),
      },
      range: (low: string, high: string, chance: string) => ({ low, high, chance }),
    },
  },
});
