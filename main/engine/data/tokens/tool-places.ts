/**
 * What a chat template shows of tools and of thinking, and conversations with what it has no place for written as text: in Hermes's
 * notation, which most models have read.
 */
import { spacedJson, type Tool, type ToolCall, writtenCall } from '../../../rows/tool-calls.ts';
import type { TemplateMessage } from './tokenizer-types.ts';

/** What a template shows where it is given it. */
export interface Places {
  /** The tools that may be called. */
  readonly tools: boolean;
  /** The calls of a message. */
  readonly calls: boolean;
  /** `reasoning_content`, at least that of the last answer. */
  readonly thinking: boolean;
}

type Render = (messages: readonly TemplateMessage[], variables: Readonly<Record<string, unknown>>) => string;

const ASK: TemplateMessage = { role: 'user', content: 'Hello' };
const TOOL: Tool = {
  type: 'function',
  function: {
    name: 'FettleToolMarker',
    description: 'A tool.',
    parameters: { type: 'object', properties: { key: { type: 'string' } }, required: ['key'] },
  },
};
const CALL: TemplateMessage = {
  role: 'assistant',
  content: '',
  tool_calls: [
    { type: 'function', id: 'call00000', function: { name: 'FettleCallMarker', arguments: { key: 'a' } } },
  ],
};
const RESULT: TemplateMessage = {
  role: 'tool',
  content: 'b',
  tool_call_id: 'call00000',
  name: 'FettleCallMarker',
};
const THOUGHT: TemplateMessage = {
  role: 'assistant',
  content: 'Hi',
  reasoning_content: 'FettleThoughtMarker',
};

/** Tries what a template shows. One that fails shows nothing: what is wrong with it is said where it is used. */
export function placesOf(render: Render): Places {
  const shows = (messages: readonly TemplateMessage[], marker: string) => {
    try {
      return render(messages, toolVariables([TOOL])).includes(marker);
    } catch {
      return false;
    }
  };
  return {
    tools: shows([ASK], 'FettleToolMarker'),
    calls: [
      [ASK, CALL, RESULT],
      [ASK, CALL],
    ].some((turns) => shows(turns, 'FettleCallMarker')),
    thinking: shows([ASK, THOUGHT], 'FettleThoughtMarker'),
  };
}

/** The tools under the names by which templates ask for them: SmolLM3's has one of its own. */
export function toolVariables(tools: readonly Tool[] | undefined): Readonly<Record<string, unknown>> {
  return tools && tools.length > 0 ? { tools, xml_tools: tools } : {};
}

/** Whether a conversation has anything of tools. */
export function usesTools(messages: readonly TemplateMessage[]): boolean {
  return messages.some(({ role, tool_calls }) => role === 'tool' || tool_calls !== undefined);
}

/** Whether calls go into the text: no template loses them there, but one with tools must have asked for that notation. */
const writesCalls = (source: string, { tools, calls }: Places): boolean =>
  !calls && (!tools || source.includes('<tool_call>'));

/** Whether a template has a place for tools, and keeps what is called. */
export const takesTools = (source: string, places: Places): boolean =>
  places.tools && (places.calls || writesCalls(source, places));

/**
 * `messages` with all that the template has no place for in their texts. Calls are written where it has no tools at all, or asks for
 * calls in that notation; in another one of its own they stay, and are lost.
 */
export function inItsPlaces(
  messages: readonly TemplateMessage[],
  tools: readonly Tool[],
  source: string,
  places: Places,
): readonly TemplateMessage[] {
  const uses = tools.length > 0 || usesTools(messages);
  const writes = uses && writesCalls(source, places);
  const called = writes ? messages.map(withCallsWritten) : messages;
  const written = places.thinking ? called : called.map(withThoughtWritten);
  if (!uses || places.tools) return written;
  return withToolsListed(places.calls ? written : withResultsWritten(written), tools);
}

function withThoughtWritten(message: TemplateMessage): TemplateMessage {
  const { reasoning_content: thought, ...rest } = message;
  if (thought === undefined) return message;
  return { ...rest, content: `<think>\n${thought.replace(/^\n+|\n+$/g, '')}\n</think>\n\n${rest.content}` };
}

function withCallsWritten(message: TemplateMessage): TemplateMessage {
  const { tool_calls: calls, ...rest } = message;
  if (calls === undefined) return message;
  const written = calls.map((call) => writtenCall((call as { function: ToolCall }).function));
  return { ...rest, content: [...(rest.content === '' ? [] : [rest.content]), ...written].join('\n') };
}

/** Results in the user's place, those of one message together: many templates refuse other roles. */
function withResultsWritten(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const all: TemplateMessage[] = [];
  let isResult = false;
  for (const message of messages) {
    const { role, content } = message;
    const text = `<tool_response>\n${content}\n</tool_response>`;
    if (role !== 'tool') all.push(message);
    else if (isResult) all.push({ role: 'user', content: `${all.pop()!.content}\n${text}` });
    else all.push({ role: 'user', content: text });
    isResult = role === 'tool';
  }
  return all;
}

/** The tools behind the instructions. */
function withToolsListed(
  messages: readonly TemplateMessage[],
  tools: readonly Tool[],
): readonly TemplateMessage[] {
  if (tools.length === 0) return messages;
  const [first] = messages;
  const own = first?.role === 'system' ? `${first.content}\n\n` : '';
  const content = `${own}${toolsText(tools)}`;
  return [{ role: 'system', content }, ...messages.slice(own === '' ? 0 : 1)];
}

function toolsText(tools: readonly Tool[]): string {
  const list = tools.map((tool) => spacedJson(tool.function)).join('\n');
  return `You may call functions. They are listed as JSON within <tools></tools>:\n<tools>\n${list}\n</tools>\nTo call one, write its name and arguments as JSON within <tool_call></tool_call>:\n<tool_call>\n{"name": "…", "arguments": {…}}\n</tool_call>`;
}
