/** Answers that are drawn while rows are read: they show the kind of task wherever in the file it shows. */
import { expect, it } from 'vitest';
import { detectTask } from '../../../../main/engine/eval/assess/task.ts';
import { AnswerSample } from '../../../../main/engine/session/planner/answer-sample.ts';
import type { TrainingRow } from '../../../../main/rows/schema.ts';

const row = (completion: string): TrainingRow => ({ kind: 'completion', prompt: 'p', completion });

it('are of the whole file, also where that is sorted by its categories', () => {
  const sample = new AnswerSample('train');
  for (let at = 0; at < 4000; at++)
    sample.add(row(['left', 'right', 'middle', 'both'][Math.floor(at / 1000)]!));
  expect(sample.drawn).toHaveLength(500);
  const counts = ['left', 'right', 'middle', 'both'].map(
    (label) => sample.drawn.filter((one) => one === label).length,
  );
  expect(Math.min(...counts)).toBeGreaterThan(80);
  expect(detectTask(sample.drawn).kind).toBe('label');
});

it('are none of running text, and of a conversation its last', () => {
  const texts = new AnswerSample('train');
  texts.add({ kind: 'text', text: 'Once upon a time' });
  expect(detectTask(texts.drawn).kind).toBe('text');
  const chats = new AnswerSample('train');
  const messages = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: 'c' },
    { role: 'assistant', content: 'd' },
  ] as const;
  chats.add({ kind: 'chat', messages: [...messages] });
  expect(chats.drawn).toEqual(['d']);
});
