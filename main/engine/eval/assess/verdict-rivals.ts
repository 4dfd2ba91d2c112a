/** What else gets the same answers: simpler ways, and the base model with a better prompt. */
import type { ClosedFigures, Rival } from '../../../../common/protocol/protocol.ts';
import { percent } from '../../../../common/words/format.ts';
import { said, say } from '../../../../common/words/language.ts';
import { RULES, type VerdictFigures } from './verdict-figures.ts';

/** The best of the simpler ways, where it is right more often than the trained model by two points. */
export function betterRival({ closed }: VerdictFigures): Rival | null {
  const best = bestRival(closed);
  return best && best.lead.value <= -RULES.rivalLead ? best : null;
}

function bestRival(closed: ClosedFigures | null | undefined): Rival | null {
  const rivals = closed?.rivals ?? [];
  return rivals.toSorted((a, b) => b.accuracy.value - a.accuracy.value)[0] ?? null;
}

export const RIVALS: Readonly<Record<Rival['name'], string>> = {
  counter: 'Counting words',
  nearest: 'The answer of the most similar training row',
  frequent: 'Always the most frequent answer',
};

/** What a simpler way gets, where it comes close to the trained model or beats it. */
export function rivalWords({ closed }: VerdictFigures): string | null {
  const best = bestRival(closed);
  if (!closed || !best || best.lead.value >= RULES.rivalLead) return null;
  const name = said(RIVALS[best.name]);
  const [its, ours] = [percent(best.accuracy.value), percent(closed.known.after.value)];
  return best.lead.value <= -RULES.rivalLead
    ? say`${name} gets ${its} right, this model ${ours}: use that instead, or train longer.`
    : say`${name} gets about as many right (${its}), in seconds.`;
}

export type Prompted = VerdictFigures['prompted'][number];

/** Whether the prompt helps the base model, and the trained one is not clearly ahead of it. */
export function isRival({ score, gain }: Prompted, figures: VerdictFigures): boolean {
  return gain.low <= 0 && figures.score !== null && score > figures.score.before.value;
}

/** Whether a score is good in itself, whatever it is compared with. */
export function isGood(value: number, { score }: VerdictFigures): boolean {
  return value >= (score?.kind === 'chrf' ? RULES.similarIsEnough : RULES.rightIsEnough);
}

export const PROMPTED: Readonly<Record<Prompted['variant'], string>> = {
  system: 'a system prompt',
  examples: 'a few examples in its prompt',
};
