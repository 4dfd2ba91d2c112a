/** More tokens than the time allows. */
import type { CorpusCheck, FindingKind } from '../finding.ts';

const KIND: FindingKind = {
  code: 'too-many-tokens',
  title: 'Too many tokens for the time',
  severity: 'warning',
  why: 'The run would not be done in the time that you have, and a run that is cut short has seen only a part of the rows.',
  rule: 'Only with --minutes and --tokens-per-second (`fettle train` shows the speed of a machine): tokens of all rows times the epochs, over the speed, is more than the minutes.',
  fix: null,
};

export const tooManyTokens: CorpusCheck = {
  kind: KIND,
  conclude: ({ corpus, settings }) => {
    const { minutes, tokensPerSecond, epochs, maxLength, tokensAreCounted } = settings;
    if (minutes === undefined || tokensPerSecond === undefined) return null;
    const isText = corpus.textRows > corpus.rows / 2;
    const total = corpus.tokens.reduce((sum, n) => sum + (isText ? n : Math.min(n, maxLength)), 0);
    const needed = (total * epochs) / tokensPerSecond / 60;
    if (needed <= minutes) return null;
    const about = tokensAreCounted ? '' : 'about ';
    const fits = Math.floor((corpus.rows * minutes) / needed);
    const detail = `${about}${total} tokens, ${epochs} times, take about ${Math.ceil(needed)} minutes at ${tokensPerSecond} tokens a second; in ${minutes} minutes there is time for about ${fits} of the rows, or for ${(minutes * epochs) / needed < 0.01 ? 'under 0.01' : ((minutes * epochs) / needed).toFixed(2)} epochs.`;
    return {
      rows: corpus.rows - fits,
      examples: [],
      detail: detail.charAt(0).toUpperCase() + detail.slice(1),
    };
  },
};
