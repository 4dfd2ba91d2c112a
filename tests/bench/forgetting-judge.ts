/**
 * What a run of `npm run bench:forgetting` forgot and learned, in a process of its own: `node forgetting-judge.ts JSON` prints one JSON
 * object. Both models are asked as an assessment asks them.
 */
import { abilityFigures, abilityItems, knownItems } from '../../main/engine/eval/assess/abilities.ts';
import { quizFigures, quizQuestions } from '../../main/engine/eval/assess/assess-figures.ts';
import { generalMaterial } from '../../main/engine/eval/assess/general-quiz.ts';
import { askedModel, configOf, type JudgeAsked, modelScores } from './task-judge.ts';

/** Right answers of so many questions. */
export interface Rights {
  readonly items: number;
  readonly before: number;
  readonly after: number;
}

export interface Forgotten {
  /** Of the test rows of the topics that were learned. */
  readonly learned: Rights;
  /** Of those abilities that the base model has. */
  readonly abilities: Readonly<Record<string, Rights>>;
  /** Written answers; only of a model with a quiz of its own, which writes quickly. */
  readonly quiz: Rights | null;
}

async function forgotten(asked: JudgeAsked): Promise<Forgotten> {
  const config = configOf(asked);
  return await askedModel(asked, config, async (before, after) => {
    const { source, quiz, abilities } = await generalMaterial(config.model);
    const items = abilityItems(abilities);
    const then = await before.choices(items);
    const { measured } = abilityFigures(items, {
      before: then,
      after: await after.choices(knownItems(items, then)),
    });
    const right = ({ scores }: { scores: readonly number[] }) => scores.filter((one) => one === 1).length;
    const rows = [await modelScores(asked, config, before), await modelScores(asked, config, after)] as const;
    const learned = { items: rows[0].scores.length, before: right(rows[0]), after: right(rows[1]) };
    const rights = (
      items: number,
      share: { before: { value: number }; after: { value: number } },
    ): Rights => ({
      items,
      before: Math.round(items * share.before.value),
      after: Math.round(items * share.after.value),
    });
    const questions = source === 'model' ? quizQuestions(before.ready.tokenizer, quiz) : [];
    const said = questions.length > 0 && [await before.answers(questions), await after.answers(questions)];
    return {
      learned,
      abilities: Object.fromEntries(measured.map((one) => [one.name, rights(one.items, one)])),
      quiz: said ? rights(quiz.length, quizFigures(quiz, said[0]!.texts, said[1]!.texts).total) : null,
    };
  });
}

if (import.meta.main)
  console.log(JSON.stringify(await forgotten(JSON.parse(process.argv[2]!) as JudgeAsked)));
