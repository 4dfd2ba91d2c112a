/** What training cost a model of what is none of the rows' business: the quiz, and the loss of general texts. */
import type { ForgettingFigures } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { lossFigures, passageTopics, quizFigures } from './assess-figures.ts';
import { type Effort, tokensOf } from './budget.ts';
import type { GeneralMaterial } from './general-quiz.ts';
import { type Subject, textRows } from './subject.ts';

interface ForgettingParts {
  readonly before: Subject;
  readonly after: Subject;
  readonly work: string;
  readonly seed: number;
  readonly effort: Effort;
}

/** By what both models `said` to the quiz of `material`, and by its texts, which they read here. */
export async function forgettingOf(
  material: GeneralMaterial,
  said: { readonly before: readonly string[]; readonly after: readonly string[] },
  parts: ForgettingParts,
): Promise<Omit<ForgettingFigures, 'abilities'>> {
  const { quiz: items, source } = material;
  const quiz = items.length === 0 ? null : quizFigures(items, said.before, said.after);
  return { source, quiz, ...(await readPassages(material, parts)) };
}

async function readPassages(
  { passages }: GeneralMaterial,
  { before, after, work, seed, effort }: ForgettingParts,
): Promise<Pick<ForgettingFigures, 'passages' | 'passageTopics'>> {
  if (passages.length === 0) return { passages: null, passageTopics: [] };
  const { tokenizer, opened } = before.ready;
  const texts = passages.map(({ text }) => text);
  const rows = await textRows(tokenizer, texts, work, opened.model.maxPositions);
  try {
    effort.expect(2 * tokensOf(rows));
    const losses = (subject: Subject) =>
      effort.part(say`General texts`, tokensOf(rows), (tell) => subject.losses(rows, tell));
    const [lossBefore, lossAfter] = [await losses(before), await losses(after)];
    return {
      passages: lossFigures(lossBefore, lossAfter, seed),
      passageTopics: passageTopics(passages, lossBefore, lossAfter),
    };
  } finally {
    await rows.store.close();
  }
}
