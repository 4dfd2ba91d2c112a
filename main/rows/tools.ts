/**
 * Tools in the records of a data file: what each may be called with, and calls and results in the spellings of OpenAI, ShareGPT and Hermes.
 * All become what OpenAI writes, which is what chat templates take.
 */
import { isRecord } from '../../common/values.ts';
import type { LooseCall, LooseTurn } from './loose-row.ts';
import { jsonCalls, parsed, spokenCalls, type Tool } from './tool-calls.ts';

type Fields = Readonly<Record<string, unknown>>;

const TOOL_FIELDS = ['tools', 'functions'];

/** The field of a record that holds tools, and these: a list, or its JSON; null where they cannot be read. */
export function toolsBeside(
  fields: Fields,
): { readonly field: string; readonly tools: readonly Tool[] | null } | null {
  const field = TOOL_FIELDS.find((name) => !isNothing(fields[name]));
  return field === undefined ? null : { field, tools: readTools(fields[field]) };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function readTools(value: unknown): readonly Tool[] | null {
  const list = typeof value === 'string' ? (parsed(value) ?? jsonLines(value)) : value;
  const all: unknown = isRecord(list) ? [list] : list;
  if (!Array.isArray(all)) return null;
  const tools = all.map((one) => toolOf(typeof one === 'string' ? parsed(one) : one));
  return tools.includes(null) ? null : (tools as Tool[]);
}

/** `{type, function: {name, …}}`, or what stands inside it alone. Other fields have no place in a template. */
function toolOf(value: unknown): Tool | null {
  if (!isRecord(value)) return null;
  const inner = isRecord(value.function) ? value.function : value;
  const { name, description, parameters } = inner;
  if (typeof name !== 'string' || name === '') return null;
  return {
    type: 'function',
    function: {
      name,
      ...(typeof description === 'string' && { description }),
      ...(isRecord(parameters) && { parameters }),
    },
  };
}

/** Roles under which ShareGPT and its kin have calls and results as turns of their own. */
export const CALL_ROLES: ReadonlySet<string> = new Set(['function_call', 'tool_call']);
export const RESULT_ROLES: ReadonlySet<string> = new Set([
  'tool',
  'function',
  'observation',
  'ipython',
  'tool_response',
  'tool_result',
]);

/** The calls of a message: `tool_calls`, or OpenAI's earlier `function_call`; undefined where it has none. */
export function callsOf({ tool_calls: many, function_call: one }: Fields): readonly LooseCall[] | undefined {
  const list = Array.isArray(many) ? many : isRecord(one) ? [one] : [];
  return list.length === 0 ? undefined : list.map(looseCall);
}

function looseCall(value: unknown): LooseCall {
  const outer = isRecord(value) ? value : {};
  const { name, arguments: given, parameters } = isRecord(outer.function) ? outer.function : outer;
  const said = given ?? parameters ?? {};
  return {
    name: typeof name === 'string' ? name : '',
    arguments: typeof said === 'string' ? (parsed(said) ?? said) : said,
    ...(typeof outer.id === 'string' && { id: outer.id }),
  };
}

/** The calls in the text of a turn that is nothing else; what cannot be read stays for the check to name. */
export function writtenCalls(text: string): readonly LooseCall[] {
  return jsonCalls(text) ?? [{ name: '', arguments: text }];
}

/** A result as text: an object as its JSON. */
export function resultText(value: unknown): string | undefined {
  return isRecord(value) || Array.isArray(value) ? JSON.stringify(value) : undefined;
}

const RESPONSE = /<tool_response>\s*([\s\S]*?)\s*<\/tool_response>/g;
const ONLY_RESPONSES = /^\s*(?:<tool_response>[\s\S]*?<\/tool_response>\s*)+$/;

/**
 * `turns` with calls and results apart from the texts in which Hermes and Qwen write them, and the tools of the system message, where there
 * are `tools` or a tool speaks. A message that only says a call is put together with the words before it.
 */
export function withTools(
  turns: readonly LooseTurn[],
  given: readonly Tool[] | undefined,
): { readonly turns: readonly LooseTurn[]; readonly tools?: readonly Tool[] } {
  const listed = listedTools(turns[0]);
  const tools = given && given.length > 0 ? given : listed?.tools;
  if (!tools && !turns.some(({ role, calls }) => role === 'tool' || calls)) return { turns };
  const spoken = listed ? [...listed.rest, ...turns.slice(1)] : turns;
  return { turns: joinedCalls(spoken.flatMap(apart)), ...(tools && { tools }) };
}

/** The tools that a system message lists, and the message without them and what stands there about calls. */
function listedTools(turn: LooseTurn | undefined) {
  if (turn?.role !== 'system') return null;
  const lists = [...turn.content.matchAll(/<tools>\s*([\s\S]*?)\s*<\/tools>/g)];
  const tools = lists.map(([, inside = '']) => readTools(inside)).findLast((one) => one && one.length > 0);
  if (!tools) return null;
  const about = turn.content.search(/(?:^|\n)#+ Tools\b|[^\n]*<tools>/);
  const content = turn.content.slice(0, about).trim();
  return { tools, rest: content === '' ? [] : [{ ...turn, content }] };
}

function apart(turn: LooseTurn): LooseTurn[] {
  const { role, content, calls } = turn;
  if (role === 'assistant' && !calls && content.includes('<tool_call>')) {
    const spoken = spokenCalls(content);
    return spoken.calls.length === 0 ? [turn] : [{ ...turn, content: spoken.content, calls: spoken.calls }];
  }
  if ((role === 'tool' || role === 'user') && ONLY_RESPONSES.test(content))
    return [...content.matchAll(RESPONSE)].map(([, inside = '']) => ({
      ...turn,
      role: 'tool',
      content: inside,
    }));
  return [turn];
}

/** Calls that follow words of the assistant, or other calls, belong to the same message. */
function joinedCalls(turns: readonly LooseTurn[]): LooseTurn[] {
  const all: LooseTurn[] = [];
  for (const turn of turns) {
    const before = all.at(-1);
    if (before?.role !== 'assistant' || turn.role !== 'assistant' || !turn.calls || turn.content !== '') {
      all.push(turn);
      continue;
    }
    const { missing: _, ...said } = before;
    all[all.length - 1] = { ...said, calls: [...(before.calls ?? []), ...turn.calls] };
  }
  return all;
}

/** Ids as the strictest template (Mistral's) takes them: the given one where it is such, else from its number. */
export function callId(given: string | undefined, number: number): string {
  return given !== undefined && /^[a-zA-Z0-9]{9}$/.test(given)
    ? given
    : `call${String(number).padStart(5, '0')}`;
}

/** A tool for each line, as Qwen lists them. */
function jsonLines(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const values = lines.map(parsed);
  return values.includes(undefined) ? undefined : values;
}
