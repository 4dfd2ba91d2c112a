import { expect, it } from 'vitest';
import { parseGenerateConfig } from '../../../../main/engine/config/config.ts';
import { loadTokenizer } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Generator } from '../../../../main/engine/eval/generator.ts';
import { answer } from '../../../../main/engine/session/open-models.ts';
import { familyFolder } from '../../../helpers/tokenizer-families.ts';

const tokenizer = { ...(await loadTokenizer(familyFolder('gpt2'))), chat: null };

/** A model that says `ids`, whatever it reads; what it read first is the prompt. */
function saying(ids: readonly number[]) {
  const read: (readonly number[])[] = [];
  const advance = async (given: readonly number[]) => {
    read.push(given);
    const logits = new Float32Array(tokenizer.vocabSize);
    logits[ids[read.length - 1]!] = 1;
    return logits;
  };
  return { read, generator: { advance } as unknown as Generator };
}

it.each([
  ['a prompt', { prompt: 'Answer: ' }],
  ['a conversation', { prompt: '', messages: [{ role: 'user' as const, content: 'Answer: ' }] }],
])('asks %s without the space that joins its answer, and shows the answer without it', async (_, asked) => {
  const said = [...tokenizer.encode(' spam folder'), tokenizer.special.eos!];
  const { read, generator } = saying(said);
  const { messages, ...settings } = { messages: undefined, ...asked };
  const config = parseGenerateConfig({ model: 'm', temperature: 0, ...settings });
  const parts: string[] = [];
  const result = await answer(
    { ...config, ...(messages && { messages }) },
    { onText: (text) => parts.push(text), stop: new AbortController().signal },
    tokenizer,
    generator,
    100,
  );
  expect(read[0]).toEqual(tokenizer.encode('Answer:'));
  expect(result.text).toBe('spam folder');
  expect(parts.join('')).toBe('spam folder');
});
