import { describe, expect, it } from 'vitest';
import { rowEncoder } from '../../../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Tokenizer } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import { prepareQuestions, trimmedAnswer } from '../../../../../main/engine/eval/assess/asking.ts';
import {
  chooseExamples,
  instructionsFor,
  promptCandidates,
} from '../../../../../main/engine/eval/assess/prompt-candidates.ts';
import {
  type AskedRow,
  askedRow,
  plainPrompt,
  promptedIds,
} from '../../../../../main/engine/eval/assess/prompts.ts';
import { labelOf } from '../../../../../main/engine/eval/assess/scores.ts';
import { detectTask } from '../../../../../main/engine/eval/assess/task.ts';
import type { TrainingRow } from '../../../../../main/rows/schema.ts';
import { familyFolder } from '../../../../helpers/tokenizer-families.ts';

const [qwen, gpt2, mistral] = (await Promise.all(
  (['qwen2_5', 'gpt2', 'mistral_v1'] as const).map((family) => loadTokenizer(familyFolder(family))),
)) as [Tokenizer, Tokenizer, Tokenizer];

const chat: TrainingRow = {
  kind: 'chat',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello?' },
    { role: 'assistant', content: 'Hi.' },
    { role: 'user', content: 'Who are you?' },
    { role: 'assistant', content: 'A model.' },
  ],
};
const instructedPrompt = (tokenizer: Tokenizer, row: AskedRow, instructions: string) =>
  promptedIds(tokenizer, row, { instructions, examples: [] });
const shownByExamples = (tokenizer: Tokenizer, row: AskedRow, examples: readonly AskedRow[]) =>
  promptedIds(tokenizer, row, { instructions: '', examples });
const plain: TrainingRow = { kind: 'completion', prompt: 'Colour of grass:', completion: ' green' };
const asked = (prompt: string, answer: string): AskedRow => ({
  turns: [{ role: 'user', content: prompt }],
  answer,
});

describe('askedRow', () => {
  it('takes the last answer for the wanted one, all before it for the question', () => {
    expect(askedRow(chat)?.answer).toBe('A model.');
    expect(askedRow(chat)?.turns).toHaveLength(4);
    expect(askedRow(plain)).toEqual(asked('Colour of grass:', ' green'));
    expect(askedRow({ kind: 'text', text: 'Once' })).toBeNull();
  });
});

describe('plainPrompt', () => {
  it.each([
    ['a chat', qwen, chat],
    ['a completion in a template', qwen, plain],
    ['a completion without template', gpt2, plain],
  ])('is what the training row begins with: %s', (_, tokenizer, row) => {
    const { ids, labels } = rowEncoder(tokenizer, 'answers')(row);
    const prompt = plainPrompt(tokenizer, askedRow(row)!);
    expect(ids.slice(0, prompt.length)).toEqual(prompt);
    expect(labels[prompt.length]).toBe(ids[prompt.length]);
  });
});

describe('a prompt with instructions', () => {
  it('puts the instructions behind the own system message', () => {
    const text = qwen.decode(instructedPrompt(qwen, askedRow(chat)!, 'One word.'));
    expect(text).toContain('<|im_start|>system\nBe brief.\n\nOne word.<|im_end|>');
    expect(text.match(/<\|im_start\|>system/g)).toHaveLength(1);
  });

  it('puts them before the question where there is no template', () => {
    expect(gpt2.decode(instructedPrompt(gpt2, askedRow(plain)!, 'One word.'))).toBe(
      'One word.\n\nColour of grass:',
    );
  });

  it('puts them before the question where the template refuses a system message', () => {
    const text = mistral.decode(instructedPrompt(mistral, asked('Hello?', 'Hi.'), 'One word.'));
    expect(text).toContain('One word.');
    expect(text).toContain('Hello?');
  });
});

describe('a prompt with examples', () => {
  it('shows them as earlier turns, with the own system message once', () => {
    const text = qwen.decode(shownByExamples(qwen, askedRow(chat)!, [askedRow(chat)!, asked('2 + 2?', '4')]));
    expect(text.match(/Be brief/g)).toHaveLength(1);
    expect(text).toContain('2 + 2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>');
    expect(text.endsWith('Who are you?<|im_end|>\n<|im_start|>assistant\n')).toBe(true);
  });

  it('shows them as texts with empty lines between where there is no template', () => {
    const ids = shownByExamples(gpt2, askedRow(plain)!, [asked('Colour of snow:', ' white')]);
    expect(gpt2.decode(ids)).toBe('Colour of snow: white\n\nColour of grass:');
  });
});

describe('instructionsFor', () => {
  const say = (answers: string[]) => instructionsFor(detectTask(answers), answers)[0]!;
  const times = (count: number, make: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => make(i));
  it('lists labels, keys with their values, or length and shape', () => {
    expect(say(times(12, (i) => ['yes', 'no', 'no'][i % 3]!))).toBe(
      'Answer with exactly one of these labels and with nothing else: no, yes.',
    );
    expect(say(times(12, (i) => ['Yes.', 'No.', 'No.'][i % 3]!))).toMatch(/: No\., Yes\.$/);
    const json = say(times(40, (i) => JSON.stringify({ topic: ['a', 'b'][i % 2], urgent: i % 2 > 0, n: i })));
    expect(json).toBe(
      'Answer with one JSON object on one line and with nothing else. Its keys: "topic" (one of "a", "b"); "urgent" (true or false); "n" (a number).',
    );
    expect(say(times(9, (i) => `it is ${i}`))).toBe('Answer in at most 3 words, without any explanation.');
    const long = say(times(20, (i) => 'word '.repeat(20 + i).trim()));
    expect(long).toContain('in 21 to 37 words, as one paragraph');
  });
});

describe('chooseExamples', () => {
  const answers = Array.from({ length: 40 }, (_, i) => ['a', 'b', 'c', 'd'][i % 4]!);
  const task = detectTask(answers);
  const candidates = answers.map((answer, i) => ({ row: asked(`q${i}`, answer), tokens: i < 36 ? 10 : 500 }));

  it('takes eight at most, every label as often, by the seed', () => {
    const chosen = chooseExamples(task, candidates, 1000, 1);
    const labels = chosen.map(({ answer }) => labelOf(task, answer)).sort();
    expect(labels).toEqual(['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd']);
    expect(chooseExamples(task, candidates, 1000, 1)).toEqual(chosen);
    expect(chooseExamples(task, candidates, 1000, 2)).not.toEqual(chosen);
  });

  it('takes as many as fit, perhaps none', () => {
    expect(chooseExamples(task, candidates, 45, 1)).toHaveLength(4);
    expect(chooseExamples(task, candidates, 9, 1)).toEqual([]);
  });
});

describe('promptCandidates', () => {
  const texts = [
    'lost card',
    'lost my card',
    'card lost again',
    'open an account',
    'weather is fine',
    'lost one',
  ];
  const task = detectTask(texts);
  const candidates = texts.map((text, i) => ({ row: asked(text, `a${i}`), tokens: 5 }));
  const all = promptCandidates(task, ['First.', 'Second.'], candidates, () => 1000, 1);

  it('begins with the usual examples, pairs all with all, and has none twice', () => {
    expect(all[0]).toMatchObject({ instructions: '' });
    expect(all[0]!.examples).toEqual(chooseExamples(task, candidates, 1000, 1));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(all.length);
    expect(all).toContainEqual({ instructions: 'Second.', examples: [] });
    expect(all).not.toContainEqual({ instructions: '', examples: [] });
    expect(new Set(all.slice(0, 6).map(({ instructions }) => instructions)).size).toBe(3);
  });

  it('has sets of rows that are alike, and of such that are not', () => {
    const narrow = promptCandidates(task, [], candidates, () => 15, 1).map(({ examples }) =>
      examples.map(({ turns }) => turns[0]!.content),
    );
    const [, diverse, typical] = narrow;
    expect(typical!.every((text) => text.includes('lost'))).toBe(true);
    expect(diverse!.filter((text) => text.includes('lost'))).toHaveLength(1);
  });

  it('leaves out what has no room', () => {
    const short = promptCandidates(task, ['First.'], candidates, (text) => (text === '' ? 4 : -1), 1);
    expect(short).toEqual([]);
  });
});

describe('prepareQuestions', () => {
  const learned = Array.from({ length: 30 }, (_, i) => asked(`q${i}`, ['yes', 'no'][i % 2]!));
  const task = detectTask(learned.map(({ answer }) => answer));
  const options = { tokenizer: qwen, maxPositions: 2048, seed: 1 };

  it('leaves room for the longest wanted answer', () => {
    const { maxNewTokens, prompts, missing } = prepareQuestions(task, [asked('q', 'yes')], learned, options);
    expect(maxNewTokens).toBe(Math.ceil(1.25 * qwen.encode('yes').length) + 8);
    expect([prompts.plain.length, prompts.system.length, prompts.prompt.length]).toEqual([1, 1, 1]);
    expect(missing).toEqual([]);
  });

  it('leaves out rows and baselines that the model cannot read, and says so', () => {
    const rows = [asked('long '.repeat(70), 'yes'), asked('q', 'no')];
    const many = Array.from({ length: 60 }, (_, i) => asked(`q${i}`, `choice ${i % 15}`));
    const choice = detectTask(many.map(({ answer }) => answer));
    const narrow = prepareQuestions(choice, rows, many, { ...options, maxPositions: 54 });
    expect(narrow.rows).toEqual([rows[1]]);
    expect([narrow.prompts.system, narrow.prompts.prompt]).toEqual([[], []]);
    expect(narrow.missing).toHaveLength(3);
  });
});

describe('trimmedAnswer', () => {
  it('ends at the first empty line only for models without template', () => {
    const learned = [asked('q', ' a')];
    expect(trimmedAnswer(' green\n\nColour of', gpt2, learned)).toBe('green');
    expect(trimmedAnswer(' green\n\nColour of', qwen, learned)).toBe('green\n\nColour of');
    expect(trimmedAnswer(' a\n\nb ', gpt2, [asked('q', 'x\n\ny')])).toBe('a\n\nb');
  });
});
