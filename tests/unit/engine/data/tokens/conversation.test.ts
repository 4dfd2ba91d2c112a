/** Conversations with tools and thinking as models' templates show them: what is trained on, and what is refused instead of lost. */
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AppError } from '../../../../../common/errors.ts';
import { createChatTemplate } from '../../../../../main/engine/data/tokens/chat-template.ts';
import type { ThinkingUse } from '../../../../../main/engine/data/tokens/conversation.ts';
import { encodePrompt, rowEncoder, type TrainOn } from '../../../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../../../main/engine/data/tokens/tokenizer/load.ts';
import type { Tokenizer } from '../../../../../main/engine/data/tokens/tokenizer-types.ts';
import type { Message } from '../../../../../main/rows/messages.ts';
import { type ChatRow, parseRow } from '../../../../../main/rows/schema.ts';
import { familyFolder, readGolden } from '../../../../helpers/tokenizer-families.ts';

const [llama3, qwen25, qwen3, nemo] = (await Promise.all(
  (['llama3', 'qwen2_5', 'qwen3', 'mistral_nemo'] as const).map((family) =>
    loadTokenizer(familyFolder(family)),
  ),
)) as [Tokenizer, Tokenizer, Tokenizer, Tokenizer];

const tool = {
  name: 'weather',
  parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
const call = (town: string) => ({ type: 'function', function: { name: 'weather', arguments: { town } } });
const ask = { role: 'user', content: 'Is it warm in Oslo?' };
const calling = (...towns: string[]) => ({ role: 'assistant', content: '', tool_calls: towns.map(call) });
const result = (content: string) => ({ role: 'tool', content });
const answer = { role: 'assistant', content: 'It has 4 degrees.' };
const ROW = { tools: [tool], messages: [ask, calling('Oslo'), result('four'), answer] };

const withTemplate = (source: string, tokenizer = qwen25): Tokenizer => ({
  ...tokenizer,
  chat: createChatTemplate(source, {}),
});

/** The runs of tokens that are trained on, decoded. */
function trained(
  tokenizer: Tokenizer,
  row: object,
  { trainOn = 'answers', thinking }: { trainOn?: TrainOn; thinking?: ThinkingUse } = {},
): string[] {
  const { ids, labels } = rowEncoder(tokenizer, trainOn, undefined, thinking)(parseRow(row, 'f:1'));
  const runs: number[][] = [];
  labels.forEach((label, i) => {
    if (label < 0) return;
    if (i > 0 && labels[i - 1]! >= 0) runs.at(-1)!.push(ids[i]!);
    else runs.push([ids[i]!]);
  });
  return runs.map((run) => tokenizer.decode(run));
}

const textOf = (tokenizer: Tokenizer, row: object) =>
  tokenizer.decode(rowEncoder(tokenizer, 'answers')(parseRow(row, 'f:1')).ids);

function failure(tokenizer: Tokenizer, row: object, thinking?: ThinkingUse): AppError {
  try {
    rowEncoder(tokenizer, 'answers', undefined, thinking)(parseRow(row, 'f:1'));
  } catch (error) {
    return error as AppError;
  }
  throw new Error('encoded');
}

/** As Llama 3.1's: one call a turn, and then no words. */
const ONE_CALL = `{% if tools %}{{ tools | tojson }}
{% endif %}{% for m in messages %}{% if m.tool_calls %}{% if m.tool_calls | length != 1 %}{{ raise_exception('This model only supports single tool-calls at once!') }}{% endif %}<|im_start|>assistant
{{ m.tool_calls[0].function | tojson }}<|im_end|>
{% else %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;
/** As LFM2's first: it lists tools, and writes nothing of calls. */
const DROPPING = `{% if tools %}List of tools: {{ tools | tojson }}
{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;
/** As SmolLM2's: it knows no tools. */
const PLAIN = DROPPING.slice(DROPPING.indexOf('{% for'));

/** As Gemma 4's: a call, its result and the answer are one turn. */
const ONE_TURN = `{% if tools %}{{ tools | tojson }}
{% endif %}{% for m in messages %}{% if m.role == 'tool' %}{{ m.content }}<result>{% else %}{% if not (m.role == 'assistant' and messages[loop.index0 - 1].role == 'tool') %}<|im_start|>{{ m.role }}
{% endif %}{{ m.content }}{% for c in m.tool_calls or [] %}<tool_call>{{ c.function | tojson }}</tool_call>{% endfor %}{% if not m.tool_calls %}<|im_end|>
{% endif %}{% endif %}{% endfor %}{% if add_generation_prompt and messages[-1].role != 'tool' and not messages[-1].tool_calls %}<|im_start|>assistant
{% endif %}`;

describe('tools', () => {
  test.each([
    [
      'Qwen2.5',
      qwen25,
      '<tool_call>\n{"name": "weather", "arguments": {"town": "Oslo"}}\n</tool_call><|im_end|>\n',
      '<|im_end|>\n',
    ],
    [
      'Mistral Nemo',
      nemo,
      '[TOOL_CALLS][{"name": "weather", "arguments": {"town": "Oslo"}, "id": "call00000"}]</s>',
      '</s>',
    ],
  ])('%s: calls and answers are learned, results and tools are not', (_, tokenizer, called, end) => {
    const runs = trained(tokenizer, ROW);
    expect(runs.map((run) => run.trimStart())).toEqual([called, `It has 4 degrees.${end}`]);
    const all = trained(tokenizer, ROW, { trainOn: 'all' }).join('|');
    expect(all).toContain(called);
    expect(all).toContain('Is it warm');
    expect(all).not.toContain('four');
    expect(textOf(tokenizer, ROW)).toContain('four');
  });

  test('every call of a long conversation is learned, wherever the template lists the tools', () => {
    const long = [
      ...ROW.messages,
      ask,
      calling('Lund'),
      result('seven'),
      { ...answer, content: 'It has 7.' },
    ];
    for (const tokenizer of [
      qwen25,
      qwen3,
      nemo,
      withTemplate(ONE_CALL),
      withTemplate(ONE_TURN),
      withTemplate(PLAIN),
    ]) {
      const runs = trained(tokenizer, { tools: [tool], messages: long });
      expect(runs).toHaveLength(4);
      expect(runs.map((run) => /Oslo|4 degrees|Lund|has 7/.exec(run)?.[0])).toEqual([
        'Oslo',
        '4 degrees',
        'Lund',
        'has 7',
      ]);
      expect(runs.join('')).not.toMatch(/four|seven|Is it warm/);
    }
  });

  test('two calls of a turn, each with its result, are taken apart where the template takes one', () => {
    const messages = [ask, calling('Oslo', 'Lund'), result('four'), result('seven'), answer];
    const one = withTemplate(ONE_CALL);
    const apart = {
      tools: [tool],
      messages: [ask, calling('Oslo'), result('four'), calling('Lund'), result('seven'), answer],
    };
    expect(textOf(one, { tools: [tool], messages })).toBe(textOf(one, apart));
    expect(trained(one, { tools: [tool], messages })).toEqual(trained(one, apart));
    expect(trained(one, { tools: [tool], messages })).toHaveLength(3);
    const split = { tools: [tool], prompt: messages.slice(0, 4), completion: messages.slice(4) };
    expect(trained(one, split)).toEqual(['It has 4 degrees.<|im_end|>\n']);
  });

  test('without a result for each they are refused, and so is what is refused anyway', () => {
    const two = { tools: [tool], messages: [ask, calling('Oslo', 'Lund')] };
    const error = failure(withTemplate(ONE_CALL), two);
    expect(error).toMatchObject({ code: 'chat-template.several-calls' });
    expect(error.message).toContain('takes one call a turn, but message 2 has 2 calls');
    expect(error.hint).toContain('SmolLM3');
    const never = withTemplate(`{{ raise_exception('no') }}${ONE_CALL}`);
    expect(failure(never, ROW)).toMatchObject({ code: 'chat-template.refused' });
  });

  test('a template that drops calls is refused, and a model is named that has a place for them', () => {
    const error = failure(withTemplate(DROPPING), ROW);
    expect(error).toMatchObject({ code: 'chat-template.calls' });
    expect(error.hint).toContain('SmolLM3');
    expect(withTemplate(DROPPING).chat!.foldsTools()).toBe(false);
    expect(trained(withTemplate(DROPPING), { tools: [tool], messages: [ask, answer] })).toHaveLength(1);
  });

  test('what a template has a place for is known before any row is', () => {
    const skills = (tokenizer: Tokenizer) => tokenizer.chat!.skills();
    expect(skills(qwen3)).toEqual(['tools', 'thinking']);
    expect(skills(qwen25)).toEqual(['tools']);
    expect(skills(withTemplate(PLAIN))).toEqual([]);
    // rows with calls are refused, although it shows the tools
    expect(skills(withTemplate(DROPPING))).toEqual([]);
    // it takes tools under another name, and thinking as text
    const { smollm3 } = readGolden<{ smollm3: string }>('conversations');
    expect(skills(withTemplate(smollm3))).toEqual(['tools', 'thinking']);
  });

  test('one that knows none gets them as text, in training and when it is asked', () => {
    const plain = withTemplate(PLAIN);
    expect(plain.chat!.foldsTools()).toBe(true);
    expect(qwen25.chat!.foldsTools()).toBe(false);
    const text = textOf(plain, ROW);
    expect(text).toMatch(
      /^<\|im_start\|>system\nYou may call functions[\s\S]*<tools>\n\{"name": "weather", [\s\S]*<\/tools>/,
    );
    expect(text).toContain('<|im_start|>user\n<tool_response>\nfour\n</tool_response>');
    expect(trained(plain, ROW)).toEqual([
      '<tool_call>\n{"name": "weather", "arguments": {"town": "Oslo"}}\n</tool_call><|im_end|>\n',
      'It has 4 degrees.<|im_end|>\n',
    ]);
    const { messages, tools } = parseRow(ROW, 'f:1') as ChatRow;
    const prompt = plain.decode(encodePrompt(plain, messages.slice(0, 1), tools));
    expect(text.startsWith(prompt)).toBe(true);
    const system = { role: 'system', content: 'Be brief.' };
    const three = [ask, calling('Oslo', 'Lund'), result('four'), result('seven'), answer];
    const brief = textOf(plain, { tools: [tool], messages: [system, ...three] });
    expect(brief).toMatch(/^<\|im_start\|>system\nBe brief\.\n\nYou may call/);
    expect(brief).toContain('</tool_response>\n<tool_response>\nseven');
  });

  test('the order of keys and tags within arguments are what they were', () => {
    const given = { z: '</tool_call>', a: [1, { b: null }], é: 'x"y' };
    const odd = {
      role: 'assistant',
      content: '',
      tool_calls: [{ function: { name: 'weather', arguments: given } }],
    };
    expect(trained(qwen25, { tools: [tool], messages: [ask, odd] })[0]).toContain(
      '"arguments": {"z": "</tool_call>", "a": [1, {"b": null}], "é": "x\\"y"}',
    );
  });
});

describe('thinking', () => {
  const think = (thinking: string, content: string) => ({
    role: 'assistant',
    reasoning_content: thinking,
    content,
  });
  const tagged = (thinking: string, content: string) => ({
    role: 'assistant',
    content: `<think>\n${thinking}\n</think>\n\n${content}`,
  });
  const SPELLINGS = [
    ['a field', think],
    ['tags', tagged],
  ] as const;

  test.each(SPELLINGS)('in %s is learned, kept or left out', (_, said) => {
    const row = { messages: [ask, said('Winter.', 'No.')] };
    for (const tokenizer of [qwen3, withTemplate(PLAIN)]) {
      expect(trained(tokenizer, row)).toEqual(['<think>\nWinter.\n</think>\n\nNo.<|im_end|>\n']);
      expect(trained(tokenizer, row, { thinking: 'keep' })).toEqual(['No.<|im_end|>\n']);
      expect(textOf(tokenizer, row)).toContain('Winter.');
      expect(trained(tokenizer, row, { thinking: 'leave-out' }).join('')).not.toContain('Winter.');
    }
    expect(trained(withTemplate(PLAIN), row, { thinking: 'leave-out' })).toEqual(['No.<|im_end|>\n']);
  });

  test('is not written behind the empty thought of a template that is told not to think', () => {
    const { chat } = withTemplate(readGolden<{ smollm3: string }>('conversations').smollm3);
    const said = [ask, think('Winter.', 'No.')] as Message[];
    const untold = [ask, { role: 'assistant', content: 'No.' }] as Message[];
    const system = { role: 'system', content: '/no_think' } as Message;
    const variables = { enable_thinking: false };
    expect(chat!.render(said, { variables })).toBe(chat!.render(untold, { variables }));
    expect(chat!.render([system, ...said])).toBe(chat!.render([system, ...untold]));
    expect(chat!.render(untold, { variables })).toContain('<think>\n\n</think>\nNo.');
    expect(chat!.render(said)).toContain('<think>\nWinter.\n</think>\n\nNo.');
  });

  test('in a plain answer, with and without a template', () => {
    const row = { prompt: 'Warm?', completion: '<think>\nWinter.\n</think>\n\nNo.' };
    const base = { ...qwen25, chat: null };
    expect(trained(qwen25, row, { thinking: 'keep' })).toEqual(['No.<|im_end|>\n']);
    expect(trained(base, row, { thinking: 'keep' })).toEqual(['No.<|im_end|>']);
    expect(trained(base, row, { thinking: 'leave-out' })).toEqual(['No.<|im_end|>']);
  });

  test.each(SPELLINGS)('in %s that Qwen3 drops from earlier answers: only the last is learned', (_, said) => {
    const row = { messages: [ask, said('Winter.', 'No.'), ask, said('Still winter.', 'No, too.')] };
    expect(trained(qwen3, row)).toEqual(['<think>\nStill winter.\n</think>\n\nNo, too.<|im_end|>\n']);
    expect(trained(qwen3, row, { thinking: 'keep' })).toEqual(['No, too.<|im_end|>\n']);
    expect(trained(withTemplate(PLAIN), row)).toHaveLength(2);
    // an agent's steps behind the last question keep theirs
    const steps = [
      ask,
      { ...calling('Oslo'), reasoning_content: 'I look.' },
      result('four'),
      think('Cold.', 'No.'),
    ];
    expect(trained(qwen3, { tools: [tool], messages: steps })).toEqual([
      '<think>\nI look.\n</think>\n\n<tool_call>\n{"name": "weather", "arguments": {"town": "Oslo"}}\n</tool_call><|im_end|>\n',
      '<think>\nCold.\n</think>\n\nNo.<|im_end|>\n',
    ]);
  });

  test('of which a template shows nothing is refused, unless it is to be left out', () => {
    const dropping = PLAIN.replace('m.content', "m.content.split('</think>')[-1]");
    const error = failure(withTemplate(dropping), { messages: [ask, tagged('Winter.', 'No.')] });
    expect(error).toMatchObject({ code: 'chat-template.thinking' });
    expect(error.hint).toContain('SmolLM3');
    const row = { messages: [ask, think('Winter.', 'No.')] };
    expect(trained(withTemplate(dropping), row, { thinking: 'leave-out' })).toEqual(['No.<|im_end|>\n']);
  });
});

describe('conversations as Transformers renders them', () => {
  interface Golden {
    readonly now: string;
    readonly smollm3: string;
    readonly records: readonly {
      readonly family: 'qwen3' | 'smollm3';
      readonly name: string;
      readonly messages: object[];
      readonly tools: object[] | null;
      readonly rendered: string;
      readonly ids: number[];
    }[];
  }
  // made by tests/golden/make/make_conversations.py of a template that is not here
  const made = process.env.FETTLE_TEST_CONVERSATIONS;
  const { now, smollm3, records }: Golden = made
    ? JSON.parse(readFileSync(made, 'utf8'))
    : readGolden<Golden>('conversations');
  afterEach(() => void vi.useRealTimers());

  test.each(records.map((record) => [record.family, record.name, record] as const))(
    '%s: %s',
    (family, _, record) => {
      vi.useFakeTimers({ now: new Date(now) });
      const tokenizer = family === 'qwen3' ? qwen3 : withTemplate(smollm3, llama3);
      const row = parseRow(
        { messages: record.messages, ...(record.tools && { tools: record.tools }) },
        'f:1',
      ) as ChatRow;
      const { ids } = rowEncoder(tokenizer, 'answers')(row);
      expect(tokenizer.decode(ids)).toBe(record.rendered);
      expect(ids).toEqual(record.ids);
    },
  );

  test('are twenty', () => {
    expect(records).toHaveLength(20);
  });
});
