/** Sentences about sorters that page and terminal share. */
import type { LadderEnd, SorterRung } from '../protocol/protocol.ts';
import { about } from './format.ts';
import { say } from './language.ts';

/** A way to sort, as a line or a table names it. */
export function rungName({
  method,
  encoder,
  trained,
}: Pick<SorterRung, 'method' | 'encoder' | 'trained'>): string {
  if (method === 'words') return say`Word counts`;
  if (trained === 'upper') return say`${shortName(encoder)}, upper layers trained`;
  if (trained === 'all') return say`${shortName(encoder)}, all layers trained`;
  return say`Sentence vectors of ${shortName(encoder)}`;
}

/** Without its owner: all-MiniLM-L6-v2. */
function shortName(encoder: string | null | undefined): string {
  return encoder?.split('/').at(-1) ?? '';
}

/** Why no further way was tried, in one sentence. */
export function endWords(end: LadderEnd): string {
  const { encoder, trains, gain = 0, seconds = 0 } = end;
  const points = Math.round(100 * gain);
  const words: Readonly<Record<LadderEnd['reason'], () => string>> = {
    'good-enough': () =>
      trains
        ? say`Good enough: training ${shortName(encoder)} would likely get less than one more of 100 rows right.`
        : say`Good enough: ${shortName(encoder)} would likely get less than one more of 100 rows right.`,
    'too-slow': () =>
      trains
        ? say`Stopped here: training ${shortName(encoder)} would take ${about(seconds)} and likely get ${points} more of 100 rows right.`
        : say`Stopped here: ${shortName(encoder)} would take ${about(seconds)} and likely get ${points} more of 100 rows right.`,
    'no-encoder': () =>
      points > 0
        ? say`There is no encoder on this computer. With one, likely about ${points} more of 100 rows would be right.`
        : say`There is no encoder on this computer, and none is needed.`,
    'all-tried': () => say`Everything on this computer was tried.`,
    stopped: () => say`You stopped it. The best so far was kept.`,
  };
  return words[end.reason]();
}
