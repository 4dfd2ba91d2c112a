import { expect, test } from 'vitest';
import { spokenCalls } from '../../../main/rows/tool-calls.ts';

const weather = { name: 'weather', arguments: { city: 'Oslo', days: 2 } };

test.each([
  [
    'Hermes and Qwen3',
    '<tool_call>\n{"name": "weather", "arguments": {"city": "Oslo", "days": 2}}\n</tool_call>',
  ],
  [
    'arguments as a string',
    '<tool_call>{"name": "weather", "arguments": "{\\"city\\": \\"Oslo\\", \\"days\\": 2}"}</tool_call>',
  ],
  [
    'Qwen3.5',
    '<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>',
  ],
  ['Gemma 4', '<|tool_call>call:weather{city:<|"|>Oslo<|"|>,days:2}<tool_call|><|tool_response>'],
  [
    'Phi-4-mini',
    '<|tool_call|>[{"name": "weather", "arguments": {"city": "Oslo", "days": 2}}]<|/tool_call|>',
  ],
  ['Granite 3', '<|tool_call|>[{"name": "weather", "arguments": {"city": "Oslo", "days": 2}}]'],
  ['LFM2', `<|tool_call_start|>[weather(city='Oslo', days=2)]<|tool_call_end|>`],
  ['Mistral', '[TOOL_CALLS] [{"name": "weather", "arguments": {"city": "Oslo", "days": 2}}]'],
  ['Ministral 3', '[TOOL_CALLS]weather[ARGS]{"city": "Oslo", "days": 2}'],
  ['Llama 3', '{"name": "weather", "parameters": {"city": "Oslo", "days": 2}}'],
  ['Llama 3.1', '<|python_tag|>{"name": "weather", "parameters": {"city": "Oslo", "days": 2}}'],
])('a call as %s writes it', (_, text) => {
  expect(spokenCalls(text)).toEqual({ content: '', calls: [weather] });
});

test('several calls, with text beside them', () => {
  const text = `I'll look.\n<tool_call>{"name": "a", "arguments": {}}</tool_call>\n<tool_call>{"name": "b", "arguments": {"x": null}}</tool_call>`;
  expect(spokenCalls(text)).toEqual({
    content: "I'll look.",
    calls: [
      { name: 'a', arguments: {} },
      { name: 'b', arguments: { x: null } },
    ],
  });
  const names = (said: string) => spokenCalls(said).calls.map((call) => call.name);
  expect(names('[TOOL_CALLS]a{"x": 1}[TOOL_CALLS]b{"x": 2}')).toEqual(['a', 'b']);
  expect(names('<|tool_call_start|>[a(), b(x=1)]<|tool_call_end|>')).toEqual(['a', 'b']);
});

test('Python values that LFM2 writes', () => {
  const text = String.raw`<|tool_call_start|>[f(a="it's", b='a \'b\' \n', c=True, d=None, e=[1, -2.5e3], g={'k': False})]<|tool_call_end|>`;
  expect(spokenCalls(text).calls[0]?.arguments).toEqual({
    ...{ a: "it's", b: "a 'b' \n", c: true, d: null, e: [1, -2500], g: { k: false } },
  });
});

test.each([
  'The answer is 4.',
  '{"name": "Ann", "age": 30, "parameters": 3}',
  '<tool_call>not a call</tool_call>',
  '<tool_call>{"name": 3}</tool_call>',
  '<|tool_call_start|>[f(x)]<|tool_call_end|>',
  '<|tool_call_start|>[f(x=open("a"))]<|tool_call_end|>',
  '<tool_call>{"name": "a", "arguments": {}}',
])('%s stays text', (text) => {
  expect(spokenCalls(text)).toEqual({ content: text, calls: [] });
});
