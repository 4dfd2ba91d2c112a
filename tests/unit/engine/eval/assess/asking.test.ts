/** Figures of answers where a baseline was asked fewer rows than the models. */
import { describe, expect, it } from 'vitest';
import { answerFigures, type Questions } from '../../../../../main/engine/eval/assess/asking.ts';
import { detectTask } from '../../../../../main/engine/eval/assess/task.ts';

function figuresOf(answers: readonly string[]) {
  const rows = answers.map((answer, i) => ({
    ...{ turns: [{ role: 'user' as const, content: `question ${i}` }], answer },
  }));
  const questions: Questions = {
    ...{ task: detectTask(answers), rows, maxNewTokens: 32, decision: null, systemPrompt: '', found: null },
    ...{ prompts: { plain: [], system: [], prompt: [] }, missing: [] },
  };
  const asked = answers.slice(0, 8);
  const said = { before: asked, system: [], prompt: answers.slice(0, 2), after: asked };
  return answerFigures(questions, said, null, 1);
}

describe('figures of answers', () => {
  it('are over the rows that each was asked, of free text', () => {
    const free = Array.from({ length: 20 }, (_, i) => `${'word '.repeat(9 + i)}and number ${i}`);
    const { rows, variants } = figuresOf(free);
    expect(rows).toBe(8);
    expect(variants.map((one) => [one.variant, one.rows, one.lengthRatio, one.chrf!.value])).toEqual([
      ['before', 8, 1, 1],
      ['prompt', 2, 1, 1],
      ['after', 8, 1, 1],
    ]);
  });

  it('are over the rows that each was asked, of JSON', () => {
    const json = Array.from({ length: 20 }, (_, i) => JSON.stringify({ order: i, colour: `c${i % 3}` }));
    const { variants } = figuresOf(json);
    expect(variants.map(({ fields, fieldsRight }) => [fields!.order!.value, fieldsRight!.value])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });
});
