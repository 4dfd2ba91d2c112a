/** What clients of OpenAI's API send, as a template and a model take it. */
import { expect, test } from 'vitest';
import { withGap } from '../../../../main/engine/chat/completions.ts';
import { ChatRequest, templateMessage } from '../../../../main/engine/chat/openai.ts';
import { loadTokenizer } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import { familyFolder } from '../../../helpers/tokenizer-families.ts';

test('a gap is written in the tokens of the model, where it has such', async () => {
  const [qwen, gpt2] = await Promise.all(
    (['qwen2_5', 'gpt2'] as const).map((one) => loadTokenizer(familyFolder(one))),
  );
  const text = withGap(qwen!, 'a = ', '\nprint(a)');
  expect(text).toBe('<|fim_prefix|>a = <|fim_suffix|>\nprint(a)<|fim_middle|>');
  const ids = ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'].map((token) => qwen!.idOf(token));
  expect(qwen!.encode(text).filter((id) => ids.includes(id))).toEqual(ids);
  for (const none of ['', null, undefined]) expect(withGap(gpt2!, 'a = ', none)).toBe('a = ');
  expect(() => withGap(gpt2!, 'a = ', '\nprint(a)')).toThrow(/no tokens for a gap/);
});

test('messages keep what a template may show, and arguments become values', () => {
  const call = (given: string) => ({
    id: 'c',
    type: 'function',
    function: { name: 'now', arguments: given },
  });
  const { messages } = ChatRequest.parse({
    messages: [
      {
        role: 'developer',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'brief.', cache: {} },
        ],
      },
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'I look.',
        tool_calls: [call(''), call('{"a":1}'), call('{')],
      },
      { role: 'tool', tool_call_id: 'c', content: 'noon', name: 'now' },
    ],
  });
  const [developer, assistant, tool] = messages.map(templateMessage);
  expect(developer).toEqual({ role: 'system', content: 'Be brief.' });
  expect(assistant).toMatchObject({ content: '', reasoning_content: 'I look.' });
  expect(assistant!.tool_calls!.map((one) => (one as ReturnType<typeof call>).function.arguments)).toEqual([
    {},
    { a: 1 },
    '{',
  ]);
  expect(tool).toEqual({ role: 'tool', content: 'noon', tool_call_id: 'c', name: 'now' });
});
