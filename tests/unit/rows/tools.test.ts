/** Tools in the spellings of other programs: what is called, what it answers, and what a row means whoever wrote it. */
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../../common/errors.ts';
import { looseToJson } from '../../../main/rows/loose-row.ts';
import { mappedRow } from '../../../main/rows/mapping.ts';
import { type ChatRow, canonicalText, parseRow, strictRow } from '../../../main/rows/schema.ts';
import { looseRow } from '../../../main/rows/shapes.ts';

const weather = {
  name: 'weather',
  description: 'Says the weather.',
  parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
};
const tools = [{ type: 'function', function: weather }];
const called = { name: 'weather', arguments: { town: 'Oslo' } };
const asJson = { name: 'weather', arguments: '{"town": "Oslo"}' };
const ask = { role: 'user', content: 'Is it warm in Oslo?' };
const answer = { role: 'assistant', content: 'It has 4 degrees.' };

/** The row that all spellings of the same conversation become. */
const ROW: ChatRow = {
  kind: 'chat',
  messages: [
    { role: 'user', content: 'Is it warm in Oslo?' },
    { role: 'assistant', content: '', tool_calls: [{ type: 'function', id: 'call00000', function: called }] },
    { role: 'tool', content: '{"degrees":4}', name: 'weather', tool_call_id: 'call00000' },
    { role: 'assistant', content: 'It has 4 degrees.' },
  ],
  tools: tools as NonNullable<ChatRow['tools']>,
};

const SPELLINGS: Readonly<Record<string, unknown>> = {
  'OpenAI, arguments as JSON, content null': {
    tools,
    messages: [
      ask,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_ab', type: 'function', function: asJson }],
      },
      { role: 'tool', tool_call_id: 'call_ab', content: '{"degrees":4}' },
      answer,
    ],
  },
  'OpenAI, arguments as an object, no content, a result as an object': {
    tools,
    messages: [
      ask,
      { role: 'assistant', tool_calls: [{ type: 'function', function: called }] },
      { role: 'tool', content: { degrees: 4 } },
      answer,
    ],
  },
  'OpenAI before tools': {
    functions: [weather],
    messages: [
      ask,
      { role: 'assistant', content: null, function_call: asJson },
      { role: 'function', name: 'weather', content: '{"degrees":4}' },
      answer,
    ],
  },
  'ShareGPT, tools as JSON': {
    tools: JSON.stringify([weather]),
    conversations: [
      { from: 'human', value: ask.content },
      { from: 'function_call', value: JSON.stringify(called) },
      { from: 'observation', value: '{"degrees":4}' },
      { from: 'gpt', value: answer.content },
    ],
  },
  'Hermes, tools in the system message': {
    conversations: [
      {
        from: 'system',
        value: `You are a function calling AI model. Signatures are within <tools></tools> tags. <tools> ${JSON.stringify(tools)} </tools> Return a call within <tool_call></tool_call> tags.`,
      },
      { from: 'human', value: ask.content },
      { from: 'gpt', value: `<tool_call>\n${JSON.stringify(called)}\n</tool_call>` },
      { from: 'tool', value: '<tool_response>\n{"degrees":4}\n</tool_response>' },
      { from: 'gpt', value: answer.content },
    ],
  },
  'as Qwen renders it': {
    messages: [
      { role: 'system', content: `# Tools\n\nYou may call:\n<tools>\n${JSON.stringify(weather)}\n</tools>` },
      ask,
      { role: 'assistant', content: `<tool_call>\n${JSON.stringify(called)}\n</tool_call>` },
      { role: 'user', content: '<tool_response>\n{"degrees":4}\n</tool_response>' },
      answer,
    ],
  },
};

const parsed = (row: unknown) => parseRow(row, 'f:1');

function failure(row: unknown): string {
  try {
    parsed(row);
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-row' });
    return (error as AppError).message;
  }
  throw new Error('accepted');
}

describe('a conversation with a tool', () => {
  it.each(Object.entries(SPELLINGS))('%s', (_, spelling) => {
    const row = parsed(spelling) as ChatRow;
    // only some say which call a result belongs to, or describe the tool
    const name = 'weather';
    expect(row.messages.map((message) => (message.role === 'tool' ? { ...message, name } : message))).toEqual(
      ROW.messages,
    );
    expect(row.tools).toEqual(ROW.tools);
  });

  it('is the same after it was written, and another one with other arguments or tools', () => {
    for (const spelling of Object.values(SPELLINGS)) {
      const loose = looseRow(spelling, 'f:1');
      const again = looseRow(JSON.parse(JSON.stringify(looseToJson(loose))), 'f:1');
      expect(strictRow(again, 'f:1')).toEqual(strictRow(loose, 'f:1'));
    }
    const colder = structuredClone(ROW) as unknown as { messages: { tool_calls: { function: object }[] }[] };
    colder.messages[1]!.tool_calls[0]!.function = { name: 'weather', arguments: { town: 'Bergen' } };
    expect(canonicalText(colder as unknown as ChatRow)).not.toBe(canonicalText(ROW));
    expect(canonicalText({ ...ROW, tools: [] })).not.toBe(canonicalText(ROW));
  });

  it('comes out of columns, too, where both are JSON in texts', () => {
    const [openAi] = Object.values(SPELLINGS) as { messages: unknown; tools: unknown }[];
    const record = { talk: JSON.stringify(openAi!.messages), tools: JSON.stringify(openAi!.tools) };
    expect(strictRow(mappedRow(record, { messages: ['talk'] }, 'f:1'), 'f:1')).toEqual(ROW);
  });

  it('keeps what stands in the system message besides, and words beside a call', () => {
    const system = `Be brief.\n\n# Tools\n\nYou may call:\n<tools>\n${JSON.stringify(weather)}\n</tools>`;
    const row = parsed({
      messages: [
        { role: 'system', content: system },
        ask,
        { role: 'assistant', content: 'I look.' },
        { role: 'function_call', content: JSON.stringify(called) },
        { role: 'tool_call', content: JSON.stringify(called) },
      ],
    }) as ChatRow;
    expect(row.messages[0]).toEqual({ role: 'system', content: 'Be brief.' });
    expect(row.messages[2]).toMatchObject({ content: 'I look.', tool_calls: [{}, { id: 'call00001' }] });
    expect(row.messages).toHaveLength(3);
  });

  it('gives each result the id of its call, whatever their order', () => {
    const call = (id: string) => ({ id, type: 'function', function: asJson });
    const row = parsed({
      tools,
      messages: [
        ask,
        { role: 'assistant', content: '', tool_calls: [call('one'), call('abcdefgh9')] },
        { role: 'tool', tool_call_id: 'abcdefgh9', content: 'second' },
        { role: 'tool', tool_call_id: 'one', content: 'first' },
      ],
    }) as ChatRow;
    expect(row.messages.slice(2).map(({ content, tool_call_id: id }) => [content, id])).toEqual([
      ['second', 'abcdefgh9'],
      ['first', 'call00000'],
    ]);
  });

  it('TRL’s: what stands before the completion is context, however many messages it became', () => {
    const prompt = [
      ask,
      { role: 'assistant', content: 'I look.' },
      { role: 'function_call', content: JSON.stringify(called) },
    ];
    const completion = [{ role: 'tool', content: '4' }, answer];
    expect(parsed({ prompt, completion, tools })).toMatchObject({
      contextMessages: 2,
      messages: [{}, { content: 'I look.', tool_calls: [{}] }, { role: 'tool' }, answer],
    });
  });

  it('leaves tags alone where nothing else is of tools', () => {
    const content = `<tool_call>\n${JSON.stringify(called)}\n</tool_call>`;
    expect(parsed({ messages: [ask, { role: 'assistant', content }] })).toEqual({
      kind: 'chat',
      messages: [ask, { role: 'assistant', content }],
    });
  });
});

describe('a wrong conversation', () => {
  const call = { role: 'assistant', content: null, tool_calls: [{ function: asJson }] };
  it.each([
    ['a result without a call', [ask, { role: 'tool', content: 'x' }], 'but is “tool”'],
    ['a question instead of a result', [ask, call, ask, answer], 'should be tool'],
    ['a call without a name', [ask, { ...call, tool_calls: [{ function: { arguments: {} } }] }], 'name'],
    [
      'arguments that are no object',
      [ask, { ...call, tool_calls: [{ function: { name: 'weather', arguments: '{"town": ' } }] }],
      'should be a JSON object',
    ],
    ['a call that is no JSON', [ask, { role: 'function_call', content: 'weather(Oslo)' }], 'name'],
  ])('%s', (_, messages, message) => {
    expect(failure({ tools, messages })).toContain(message);
  });

  it('tools that are none', () => {
    expect(failure({ tools: '{"broken', messages: [ask, answer] })).toContain('should be a list of tools');
    expect(failure({ tools: [{ type: 'function' }], messages: [ask, answer] })).toContain('list of tools');
    for (const nothing of [null, '', [], '[]'])
      expect(parsed({ tools: nothing, messages: [ask, answer] })).not.toHaveProperty('tools');
  });
});

describe('thinking', () => {
  it.each(['reasoning_content', 'reasoning', 'thinking'])('in %s', (field) => {
    const row = parsed({ messages: [ask, { ...answer, [field]: 'It is winter.' }] }) as ChatRow;
    expect(row.messages[1]).toEqual({ ...answer, reasoning_content: 'It is winter.' });
    const loose = looseRow({ messages: [ask, { ...answer, [field]: 'It is winter.' }] }, 'f:1');
    expect(parsed(looseToJson(loose))).toEqual(row);
  });

  it('of another than the assistant is none', () => {
    expect(
      parsed({
        messages: [
          { ...ask, thinking: 'x' },
          { ...answer, thinking: ' ' },
        ],
      }),
    ).toEqual({
      kind: 'chat',
      messages: [ask, answer],
    });
  });
});
