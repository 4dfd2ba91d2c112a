import { describe, expect, test } from 'vitest';
import { createChatTemplate } from '../../../../../main/engine/data/tokens/chat-template.ts';
import {
  encodeChat,
  encodePrompt,
  encodePromptCompletion,
  encodeText,
} from '../../../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { EncodedRow, Tokenizer } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import type { Message } from '../../../../../main/rows/messages.ts';
import { familyFolder, readGolden } from '../../../../helpers/tokenizer-families.ts';

const [gpt2, llama3, qwen25, qwen3, nemo, mistral] = (await Promise.all(
  (['gpt2', 'llama3', 'qwen2_5', 'qwen3', 'mistral_nemo', 'mistral_v1'] as const).map((family) =>
    loadTokenizer(familyFolder(family)),
  ),
)) as [Tokenizer, Tokenizer, Tokenizer, Tokenizer, Tokenizer, Tokenizer];
const { messages } = readGolden('qwen3');

/** The runs of trained tokens, decoded. Checks that each label is its id. */
function trained(tokenizer: Tokenizer, row: EncodedRow): string[] {
  const runs: number[][] = [];
  row.labels.forEach((label, i) => {
    if (label === -100) return;
    expect(label).toBe(row.ids[i]);
    if (i > 0 && row.labels[i - 1] !== -100) runs.at(-1)!.push(label);
    else runs.push([label]);
  });
  expect(row.labels.length).toBe(row.ids.length);
  return runs.map((run) => tokenizer.decode(run));
}

const answers = (tokenizer: Tokenizer, chat: readonly Message[]) =>
  trained(tokenizer, encodeChat(tokenizer, chat, { trainOn: 'answers' }));

/** A tokenizer with another template (and stop tokens). */
function withTemplate(tokenizer: Tokenizer, source: string, stops: string[] = []): Tokenizer {
  const tokens = { bos_token: '<s>', eos_token: '<|endoftext|>' };
  return {
    ...tokenizer,
    chat: createChatTemplate(source, tokens),
    stopIds: stops.map((stop) => tokenizer.idOf(stop)!),
  };
}

describe('answers of the golden conversations', () => {
  test.each([
    ['qwen2.5', qwen25, 'turns', ['It is 4. \u2713<|im_end|>\n']],
    ['qwen2.5', qwen25, 'system_training', ['It is 4. \u2713<|im_end|>\n', 'Done.<|im_end|>\n']],
    [
      'qwen2.5',
      qwen25,
      'thinking',
      ['<think>\nfour\n</think>\n\n4<|im_end|>\n', '<think>\nhm\n</think>\n\nok<|im_end|>\n'],
    ],
    // Qwen3 drops earlier reasoning and opens the last answer with an empty one.
    [
      'qwen3',
      qwen3,
      'system_training',
      ['It is 4. \u2713<|im_end|>\n', '<think>\n\n</think>\n\nDone.<|im_end|>\n'],
    ],
    ['qwen3', qwen3, 'thinking', ['<think>\nhm\n</think>\n\nok<|im_end|>\n']],
    // This Llama 3 template opens an answer at the end of every conversation: never trained on.
    ['llama3', llama3, 'training', ['It is 4. \u2713<|eot_id|>']],
    ['llama3', llama3, 'system_training', ['It is 4. \u2713<|eot_id|>', 'Done.<|eot_id|>']],
    // Mistral moves the system message into the last question.
    ['mistral nemo', nemo, 'system_training', ['It is 4. \u2713</s>', 'Done.</s>']],
    ['mistral nemo', nemo, 'turns', ['It is 4. \u2713</s>']],
  ] as [string, Tokenizer, string, string[]][])('%s: %#', (_name, tokenizer, chat, expected) => {
    expect(answers(tokenizer, messages[chat]!)).toEqual(expected);
  });

  test.each([
    ['llama3', llama3],
    ['qwen2_5', qwen25],
    ['qwen3', qwen3],
    ['mistral_nemo', nemo],
  ] as const)(
    '%s: the ids are those of the whole conversation, prompts those with a generation prompt',
    (family, tokenizer) => {
      const golden = readGolden(family);
      const plain = golden.chats.filter(
        (chat) => Object.keys(chat.options).length === 0 && chat.ids !== undefined,
      );
      expect(plain.length).toBeGreaterThan(8);
      for (const { chat, add_generation_prompt, ids } of plain) {
        const turns = golden.messages[chat]!;
        if (add_generation_prompt) expect(encodePrompt(tokenizer, turns)).toEqual(ids);
        else {
          const row = encodeChat(tokenizer, turns, { trainOn: 'all' });
          expect(row).toEqual({ ids, labels: ids });
        }
      }
    },
  );
});

const CHAT: Message[] = [
  { role: 'user', content: 'One' },
  { role: 'assistant', content: 'Two' },
  { role: 'user', content: 'Three' },
  { role: 'assistant', content: 'Four' },
];

describe('templates of other shapes', () => {
  test('one that closes the whole conversation with EOS', () => {
    const source =
      "{% for m in messages %}<|im_start|>{{ m.role + '\\n' + m.content }}<|im_end|>{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}<|im_start|>{{ 'assistant\\n' }}{% else %}{{ eos_token }}{% endif %}";
    const tokenizer = withTemplate(qwen25, source, ['<|im_end|>']);
    expect(answers(tokenizer, CHAT)).toEqual(['Two<|im_end|>\n', 'Four<|im_end|>\n<|endoftext|>']);
  });

  test("a token that reaches from the prompt into the answer counts as the answer's", () => {
    const tokenizer = withTemplate(
      gpt2,
      "{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}",
    );
    const chat: Message[] = [CHAT[0]!, { role: 'assistant', content: 'Hello world again' }];
    const row = encodeChat(tokenizer, chat, { trainOn: 'answers' });
    expect(row.ids).toEqual(gpt2.encode('user: One\nassistant: Hello world again\n'));
    expect(trained(tokenizer, row)).toEqual([' Hello world again\n']);
    expect(row.joinsBorder).toBe(true);
  });

  test('one that trims contents, one answer repeated in the question, an empty answer', () => {
    const source =
      "{% for m in messages %}<|im_start|>{{ m.role + '\\n' + m.content | trim }}<|im_end|>{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}<|im_start|>{{ 'assistant\\n' }}{% endif %}";
    const tokenizer = withTemplate(qwen25, source, ['<|im_end|>']);
    const chat: Message[] = [
      { role: 'user', content: 'Say Two' },
      { role: 'assistant', content: '  Two \n' },
      { role: 'user', content: 'Two' },
      { role: 'assistant', content: '' },
    ];
    expect(answers(tokenizer, chat)).toEqual(['Two<|im_end|>\n', '<|im_end|>\n']);
  });

  test('two answers in a row, and an answer at the start', () => {
    const chat: Message[] = [{ role: 'assistant', content: 'Hello' }, CHAT[0]!, CHAT[1]!, CHAT[3]!];
    expect(answers(qwen25, chat)).toEqual(['Hello<|im_end|>\n', 'Two<|im_end|>\n', 'Four<|im_end|>\n']);
  });

  test('without any end-of-turn token', () => {
    const tokenizer = withTemplate(
      gpt2,
      '{% for m in messages %}{{ m.role }}:\n{{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:\n{% endif %}',
    );
    expect(answers(tokenizer, CHAT)).toEqual(['Two\n', 'Four\n']);
  });

  test('SentencePiece, where pieces tokenised alone would gain a space', () => {
    const source =
      "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '[INST] ' + m.content + ' [/INST]' }}{% else %}{{ ' ' + m.content + '</s>' }}{% endif %}{% endfor %}";
    const tokenizer = withTemplate(mistral, source, ['</s>']);
    const row = encodeChat(tokenizer, CHAT, { trainOn: 'answers' });
    expect(row.ids).toEqual(mistral.encode('<s>[INST] One [/INST] Two</s>[INST] Three [/INST] Four</s>'));
    expect(row.ids.filter((id) => id === 1).length).toBe(1);
    expect(trained(tokenizer, row)).toEqual(['Two</s>', 'Four</s>']);
  });

  test('answers that cannot be found are an error, not a guess', () => {
    const source = '{% for m in messages %}{{ m.content | upper }}{% endfor %}{{ messages | length }}';
    expect(() => answers(withTemplate(gpt2, source), CHAT)).toThrow(
      expect.objectContaining({ code: 'chat-template.spans' }),
    );
  });
});

describe('refusals', () => {
  test('roles that do not alternate', () => {
    expect(() => answers(nemo, [CHAT[0]!, CHAT[0]!, CHAT[1]!])).toThrow(
      expect.objectContaining({
        code: 'chat-template.refused',
        message: expect.stringContaining('alternate'),
      }),
    );
  });

  test('a model without template, a conversation without answer', () => {
    expect(() => answers(gpt2, CHAT)).toThrow(expect.objectContaining({ code: 'chat-template.missing' }));
    expect(() => answers(qwen25, CHAT.slice(0, 1))).toThrow(
      expect.objectContaining({ code: 'data.no-answer' }),
    );
    expect(encodeChat(qwen25, CHAT.slice(0, 1), { trainOn: 'all' }).labels).not.toContain(-100);
  });
});

describe('prompt and completion', () => {
  test('through the chat template where there is one', () => {
    const row = encodePromptCompletion(qwen25, 'One', 'Two', { system: 'Be terse.' });
    const chat: Message[] = [{ role: 'system', content: 'Be terse.' }, CHAT[0]!, CHAT[1]!];
    expect(row).toEqual(encodeChat(qwen25, chat, { trainOn: 'answers' }));
    expect(trained(qwen25, row)).toEqual(['Two<|im_end|>\n']);
  });

  test('else plain, closed by EOS', () => {
    const row = encodePromptCompletion(gpt2, 'Translate:', ' cat', { system: 'S' });
    expect(row.ids).toEqual([...gpt2.encode('S\n\nTranslate: cat'), 50256]);
    expect(trained(gpt2, row)).toEqual([' cat<|endoftext|>']);
    expect(encodePromptCompletion(gpt2, 'a', 'b<|endoftext|>').ids.filter((id) => id === 50256).length).toBe(
      1,
    );
  });

  test('with BOS where the tokenizer adds one, once', () => {
    const row = encodePromptCompletion(mistral, 'Say cat:', ' cat');
    expect(row.ids).toEqual([...mistral.encode('Say cat: cat', { addSpecial: true }), 2]);
    expect(trained(mistral, row)).toEqual(['cat</s>']);
    expect(encodePrompt(mistral, [{ role: 'user', content: 'Say cat:' }])).toEqual(row.ids.slice(0, -2));
  });
});

describe('plain text', () => {
  test('BOS, text, EOS; every token is trained on', () => {
    for (const tokenizer of [gpt2, mistral, qwen25]) {
      const row = encodeText(tokenizer, 'Some text.');
      expect(row.labels).toEqual(row.ids);
      expect(row.ids).toEqual([
        ...tokenizer.encode('Some text.', { addSpecial: true }),
        tokenizer.special.eos,
      ]);
    }
  });

  test('BOS and EOS that are written in the text are not doubled', () => {
    expect(encodeText(mistral, '<s>Some text.</s>').ids).toEqual(mistral.encode('<s>Some text.</s>'));
  });
});
