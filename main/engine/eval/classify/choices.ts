/** Questions with answers to choose from, each with its own: how likely a model finds them. */
import type { Message } from '../../../rows/messages.ts';
import { askedPrompt } from '../../data/tokens/encode.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { DecoderOptions } from '../cached-decoder.ts';
import { AnswerScorer, answerTokens, type ScoringOptions } from './classifier.ts';
import type { Ids } from './readings.ts';

/** Questions of one block have the same list, by identity, so that it is read once. */
export interface Choice {
  readonly question: string;
  readonly options: readonly string[];
}

/** For each question the log-probabilities of its options among each other; null where it is longer with them than what the model reads. */
export async function choiceScores(
  decoder: DecoderOptions,
  tokenizer: Tokenizer,
  choices: readonly Choice[],
  options: ScoringOptions = {},
): Promise<(Float64Array | null)[]> {
  const scorer = new AnswerScorer(decoder);
  const known = new Map<readonly string[], Map<string, readonly Ids[]>>();
  const idsOf = (texts: readonly string[], space: string) => {
    const spaces = known.get(texts) ?? new Map<string, readonly Ids[]>();
    known.set(texts, spaces);
    const ids = spaces.get(space) ?? texts.map((text) => answerTokens(tokenizer, space, text));
    spaces.set(space, ids);
    return ids;
  };
  const asked = choices.map(({ question, options: texts }, place) => {
    const turns: Message[] = [{ role: 'user', content: question }];
    const { ids, space } = askedPrompt(tokenizer, turns);
    return { place, ids, answers: idsOf(texts, space) };
  });
  const fitting = asked.filter(({ ids, answers }) => scorer.fits(ids, answers));
  const found = new Array<Float64Array | null>(choices.length).fill(null);
  try {
    const scores = await scorer.scoreEach(
      fitting.map(({ ids }) => ids),
      fitting.map(({ answers }) => answers),
      options,
    );
    options.stop?.throwIfAborted();
    for (const [i, { place }] of fitting.entries()) found[place] = scores[i]!;
    return found;
  } finally {
    await scorer.release();
  }
}
