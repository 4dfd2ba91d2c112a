/** What else gets the same answers: simpler ways, and the base model with a better prompt. */
import type { Rival, Score } from '../../../../common/protocol/protocol.ts';
import { said, say } from '../../../../common/words/language.ts';
import { rivalName, rivalText, shortScore } from '../../../../common/words/scores.ts';
import type { AnswerScoreName } from './scores.ts';
import { RULES, type VerdictFigures } from './verdict-figures.ts';

/** The best of the simpler ways, where it is ahead of the trained model by two points. */
export function betterRival({ rivals }: VerdictFigures): Rival | null {
  const best = bestRival(rivals);
  return best && best.lead.value <= -RULES.rivalLead ? best : null;
}

/** The one that the model is least ahead of, by enough rows; one that was asked fewer counts only where it is clearly ahead. */
export function bestRival(all: readonly Rival[] = []): Rival | null {
  const rivals = all.filter(({ score }) => score.rows >= RULES.fewestRows);
  const most = Math.max(...rivals.map(({ score }) => score.rows));
  const sure = rivals.filter(({ score, lead }) => score.rows === most || lead.high < 0);
  return sure.toSorted((a, b) => a.lead.value - b.lead.value)[0] ?? null;
}

/** What a simpler way gets, where it comes close to the trained model or beats it. */
export function rivalWords({ rivals }: VerdictFigures, score: Score | null): string | null {
  const best = bestRival(rivals);
  if (!best || !score || best.lead.value >= RULES.rivalLead) return null;
  return best.lead.value <= -RULES.rivalLead
    ? rivalText(best, score)
    : say`${rivalName(best.name)}: about as good (${shortScore(best.score)}), in seconds.`;
}

export type Prompted = VerdictFigures['prompted'][number];

/** Whether the prompt helps the base model, and the trained one is not clearly ahead of it. */
export function isRival({ variant, score, gain }: Prompted, figures: VerdictFigures): boolean {
  if (figures.score === null) return false;
  const { before } = variant === 'prompt' && figures.closed ? figures.closed.known : figures.score;
  return gain.low <= 0 && score > before.value;
}

const ENOUGH: Readonly<Partial<Record<AnswerScoreName, number>>> = {
  similarity: RULES.similarIsEnough,
  changes: RULES.changesAreEnough,
};

/** Whether a score is good in itself, whatever it is compared with. */
export function isGood(value: number, { score }: VerdictFigures): boolean {
  return value >= ((score && ENOUGH[score.name]) ?? RULES.rightIsEnough);
}

export const PROMPTED: Readonly<Record<Prompted['variant'], string>> = {
  system: 'a system prompt',
  prompt: 'a good prompt',
};

/** What a prompt that does as well says of the training; null where the trained model is good and the prompt isn't. */
export function promptedWords(
  { variant, score: value, gain }: Prompted,
  figures: VerdictFigures,
): string | null {
  const { name, after } = figures.score!;
  const figure = shortScore({ name, value });
  const prompt = said(PROMPTED[variant]);
  const words =
    gain.high < 0
      ? say`The base model with ${prompt} does better (${figure})`
      : say`The base model with ${prompt} does about as well (${figure})`;
  if (isGood(value, figures)) return say`${words}: prompting is enough.`;
  return isGood(after.value, figures) ? null : say`${words}, but neither is good.`;
}
