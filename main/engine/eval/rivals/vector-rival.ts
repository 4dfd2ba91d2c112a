/** A head on the vectors of an encoder that lies on this computer, beside a trained model. */
import { AppError } from '../../../../common/errors.ts';
import type { Rival } from '../../../../common/protocol/protocol.ts';
import { encodersHere, type FoundEncoder } from '../../load/find-encoders.ts';
import type { AnsweredText } from '../answered-text.ts';
import { rate, rateDifference } from '../assess/statistics.ts';
import { placeIn } from '../classify/closed-set.ts';
import { tryVectors } from './ladder.ts';
import { rightsOf } from './rivals.ts';
import type { MeasuredSorter } from './rung.ts';

/** Texts that take longer are not read for a comparison. */
const MOST_SECONDS = 30;

export type VectorRival = (
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  rights: readonly boolean[],
) => Promise<{ readonly rival: Rival; readonly measured: MeasuredSorter } | null>;

interface VectorRivalOptions {
  readonly threads: number;
  readonly stop: AbortSignal;
  readonly encoders?: () => Promise<readonly FoundEncoder[]>;
}

/** Asks the smallest encoder here; null without one, and where it can't be used or takes too long. */
export function vectorRival({ threads, stop, encoders = encodersHere }: VectorRivalOptions): VectorRival {
  return async (answers, taught, asked, rights) => {
    const place = placeIn(answers);
    const known = taught.filter(({ answer }) => place(answer) >= 0);
    const [encoder] = await encoders();
    if (!encoder || known.length === 0 || asked.length === 0) return null;
    const started = performance.now();
    const io = { threads, stop, phase: () => {} };
    try {
      const rows = { answers, taught: known, asked, seed: 0, learnsAsked: false };
      const tried = await tryVectors(rows, encoder, null, MOST_SECONDS, io);
      if (typeof tried === 'number') return null;
      try {
        const measured = await tried.finish(io.stop);
        const own = rightsOf(measured);
        const score = rate(own.filter(Boolean).length, own.length);
        const rival: Rival = {
          name: 'vectors',
          score: { name: 'known', rows: own.length, ...score },
          lead: rateDifference(own, rights),
          seconds: (performance.now() - started) / 1000,
        };
        return { rival, measured };
      } finally {
        await tried.close();
      }
    } catch (error) {
      // an encoder that can't be read is no reason to go without a comparison
      if (error instanceof AppError) return null;
      throw error;
    }
  };
}
