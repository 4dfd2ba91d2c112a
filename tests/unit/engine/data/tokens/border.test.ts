import { describe, expect, it } from 'vitest';
import { promptEnd, withoutSpace } from '../../../../../main/engine/data/tokens/border.ts';
import { createChatTemplate } from '../../../../../main/engine/data/tokens/chat-template.ts';
import {
  askedPrompt,
  encodeChat,
  encodePromptCompletion,
} from '../../../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { EncodedRow, Tokenizer } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import { FAMILIES, familyFolder } from '../../../../helpers/tokenizer-families.ts';

const bare = new Map<string, Tokenizer>();
for (const family of FAMILIES)
  bare.set(family, { ...(await loadTokenizer(familyFolder(family))), chat: null });
const gpt2 = bare.get('gpt2')!;

const PROMPTS = [
  'Answer:',
  'Answer: ',
  'Answer:\n',
  'Answer:\n\n',
  'Answer:  ',
  'Answer:\n ',
  'Answer:\t',
  'So ',
  'So\n ',
];
const ANSWERS = ['spam', 'Not spam', '42', 'ja – “wohl”', '{"a": 1}', '垃圾邮件'];

function trained(tokenizer: Tokenizer, { ids, labels }: EncodedRow): string {
  return tokenizer.decode(ids.filter((_, i) => labels[i]! >= 0));
}

describe('the border between a prompt and its answer', () => {
  it.each(FAMILIES)('is the same where %s trains and where it is asked', (family) => {
    const tokenizer = bare.get(family)!;
    for (const prompt of PROMPTS) {
      const asked = askedPrompt(tokenizer, [{ role: 'user', content: prompt }]);
      for (const answer of ANSWERS) {
        const row = encodePromptCompletion(tokenizer, prompt, answer);
        const case_ = JSON.stringify([prompt, answer]);
        const start = row.labels.findIndex((label) => label >= 0);
        expect(row.ids.slice(0, start), case_).toEqual(asked.ids);
        expect(trained(tokenizer, row), case_).toContain(answer);
        expect(prompt.endsWith(asked.space), case_).toBe(true);
      }
    }
  });

  it('gives a space that joins the answer to the answer, and only that', () => {
    const row = encodePromptCompletion(gpt2, 'Answer: ', 'spam');
    expect(row.ids).toEqual([...gpt2.encode('Answer: spam'), gpt2.special.eos]);
    expect(trained(gpt2, row)).toBe(' spam<|endoftext|>');
    expect(row.joinsBorder).toBe(true);
    const apart = encodePromptCompletion(gpt2, 'Answer:\n', 'spam');
    expect(trained(gpt2, apart)).toBe('spam<|endoftext|>');
    expect(apart.joinsBorder).toBeUndefined();
  });

  it('trains on a token that an answer with a line break at its start shares with the prompt', () => {
    const row = encodePromptCompletion(gpt2, 'Answer:\n', '\n\nspam');
    expect(trained(gpt2, row)).toBe('\n\n\nspam<|endoftext|>');
    expect(row.joinsBorder).toBe(true);
  });

  it('is where a template’s opening ends, without a space that joins the answer', () => {
    const source =
      "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
    const tokenizer = { ...gpt2, chat: createChatTemplate(source, {}) };
    const question = { role: 'user', content: 'Spam? ' } as const;
    const row = encodeChat(tokenizer, [question, { role: 'assistant', content: 'yes' }], {
      trainOn: 'answers',
    });
    const asked = askedPrompt(tokenizer, [question]);
    expect(tokenizer.decode(asked.ids)).toBe('user: Spam? \nassistant:');
    expect(asked.space).toBe(' ');
    expect(row.ids.slice(0, asked.ids.length)).toEqual(asked.ids);
    expect(trained(tokenizer, row)).toBe(' yes\n');
  });

  it('leaves a text of white space as it is', () => {
    expect(promptEnd(gpt2, '  ')).toBe(2);
    expect(promptEnd(gpt2, '')).toBe(0);
  });
});

describe('withoutSpace', () => {
  it.each([
    [' ', [' ', 'spam'], 'spam'],
    [' ', [' spam'], 'spam'],
    [' ', ['spam', ' ham'], 'spam ham'],
    ['\n ', ['\n', ' ', ' spam'], ' spam'],
    ['\n ', ['\nspam', ' ham'], 'spam ham'],
    ['', [' spam'], ' spam'],
  ])('takes %j from %j', (space, parts, left) => {
    const drop = withoutSpace(space);
    expect(parts.map((part) => drop(part)).join('')).toBe(left);
  });
});
