/** Prompts before the model reads them, and how each field becomes a way of sampling. */
import { expect, test } from 'vitest';
import { embeddings } from '../../../../main/engine/chat/completions.ts';
import type { AnsweringModel } from '../../../../main/engine/chat/conversation.ts';
import type { Speaker } from '../../../../main/engine/chat/speaker.ts';
import {
  following,
  idsOf,
  promptOf,
  speak,
  taskOf,
  type Voice,
} from '../../../../main/engine/chat/speech.ts';
import { loadTokenizer } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Tokenizer } from '../../../../main/engine/data/tokens/tokenizer-types.ts';
import { familyFolder } from '../../../helpers/tokenizer-families.ts';

const tokenizer = await loadTokenizer(familyFolder('gpt2'));
const PROMPT = { ids: [1], space: '' };
const STAYS = new AbortController().signal;

/** A model that says these tokens and nothing else. */
function voice(said: readonly number[] = [], over: Partial<Speaker> = {}): Voice {
  const speaker = {
    writes: true,
    contextSize: 64,
    embeddingSize: 4,
    endsAnswers: (id: number) => tokenizer.stopIds.includes(id),
    speak: async (_: unknown, __: unknown, ___: unknown, onToken: (id: number) => boolean) => {
      for (const id of said) if (!onToken(id)) return;
    },
    ...over,
  } as Speaker;
  return { tokenizer, speaker };
}

test('no token is longer than the tokenizer says', () => {
  const long = ' '.repeat(300);
  for (const id of tokenizer.encode(long))
    expect(tokenizer.decode([id]).length).toBeLessThanOrEqual(tokenizer.longestToken);
  expect(tokenizer.encode(long).length).toBeGreaterThanOrEqual(300 / tokenizer.longestToken);
});

test('a prompt that can only be too long is refused without being read', () => {
  const unread: Tokenizer = {
    ...tokenizer,
    encode: () => {
      throw new Error('it was read');
    },
  };
  const on = { ...voice(), tokenizer: unread };
  const prompt = 'word '.repeat(3_000_000);
  expect(() => idsOf(on, prompt, true)).toThrow(/15000000 characters; this model was started for 64 tokens/);
  // one that could be short enough is read, and counted
  expect(() => idsOf(voice(), 'word '.repeat(100), true)).toThrow(/has 101 tokens/);
  expect(idsOf(voice(), 'word', true)).toEqual(tokenizer.encode('word', { addSpecial: true }));
});

test('ids are taken as they are, if the model has them', () => {
  expect(idsOf(voice(), [5, 6], true)).toEqual([5, 6]);
  expect(() => idsOf(voice(), [5, tokenizer.vocabSize], true)).toThrow(/no token 50257/);
  expect(() => idsOf(voice(), [], true)).toThrow(/empty/);
});

test.each([
  [{}, { temperature: 1, topP: 1 }],
  [
    { top_k: -1, min_p: 0.1, seed: -1 },
    { temperature: 1, topP: 1, topK: 0, minP: 0.1, seed: 4294967295 },
  ],
  [
    { temperature: 0, presence_penalty: 0.5 },
    { temperature: 0, topP: 1, penalties: { repeat: 1, presence: 0.5, frequency: 0, last: null } },
  ],
  [
    { repeat_penalty: 1.1, frequency_penalty: 1 },
    { temperature: 1, topP: 1, penalties: { repeat: 1.1, presence: 0, frequency: 1, last: 64 } },
  ],
  [
    { repeat_penalty: 1.1, repeat_last_n: -1 },
    { temperature: 1, topP: 1, penalties: { repeat: 1.1, presence: 0, frequency: 0, last: 1e6 } },
  ],
  [{ logit_bias: { 7: -100 } }, { temperature: 1, topP: 1, bias: new Map([[7, -100]]) }],
])('%j is sampled as asked', (fields, sampling) => {
  expect(taskOf(voice(), fields, PROMPT, undefined).sampling).toEqual(sampling);
});

test('white space at the end of a prompt is the answer\u2019s, and is not said again', async () => {
  const { ids, space } = promptOf(voice(), 'The sky is ', { addSpecial: true });
  expect([ids, space]).toEqual([tokenizer.encode('The sky is'), ' ']);
  const task = taskOf(voice(), { stop: ' and' }, { ids, space }, 9);
  const pieces: string[] = [];
  const { text } = await speak(voice(tokenizer.encode(' blue and')), task, STAYS, (piece) =>
    pieces.push(piece),
  );
  expect([text, pieces.join('')]).toEqual(['blue', 'blue']);
  // a grammar begins with no space
  const guided = promptOf(voice(), 'The sky is ', { addSpecial: true, isGuided: true });
  expect([guided.ids, guided.space]).toEqual([tokenizer.encode('The sky is '), '']);
});

test('a bias that llama.cpp would ignore is refused', () => {
  const end = tokenizer.stopIds[0]!;
  expect(() => taskOf(voice(), { logit_bias: { [end]: -100 } }, PROMPT, undefined)).toThrow(/ends answers/);
  expect(() => taskOf(voice(), { logit_bias: { 99999: 1 } }, PROMPT, undefined)).toThrow(/no token 99999/);
});

test('an answer in JSON ends with it, and shows no white space behind', async () => {
  const said = tokenizer.encode('{"a":\n 1}\n\n\n\n\n\n\n\n');
  const task = following(taskOf(voice(), {}, PROMPT, 40), {} as never);
  const pieces: string[] = [];
  const { text, reason } = await speak(voice(said), task, STAYS, (piece) => pieces.push(piece));
  expect([text, pieces.join(''), reason]).toEqual(['{"a":\n 1}', '{"a":\n 1}', 'stop']);
  const short = await speak(voice(tokenizer.encode('{}\n')), task, STAYS, (piece) => pieces.push(piece));
  expect([short.text, pieces.at(-1)]).toEqual(['{}', '{}']);
});

test('embeddings end when their client leaves', async () => {
  const leaves = new AbortController();
  let made = 0;
  const embed = async () => {
    if (++made === 2) leaves.abort(new Error('left'));
    return [1, 0, 0, 0];
  };
  const on = {
    ...voice([], { embed }),
    inLine: (_: number, work: () => unknown) => work(),
  } as AnsweringModel;
  const input = Array.from({ length: 50 }, (_, i) => `text ${i}`);
  await expect(embeddings(on, input, { gone: leaves.signal })).rejects.toThrow('left');
  expect(made).toBe(2);
  const whole = await embeddings(on, ['one', 'two'], { gone: STAYS, dimensions: 2 });
  expect(whole.vectors).toEqual([
    [1, 0],
    [1, 0],
  ]);
  await expect(embeddings(on, 'x', { gone: STAYS, dimensions: 5 })).rejects.toThrow(/embeddings have 4/);
});
