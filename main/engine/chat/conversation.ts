/** A conversation and its answer, whichever API asked: the model's own template, tools that may be called, a schema to follow. */
import { reasonOf } from '../../../common/errors.ts';
import { spokenCalls, type Tool, type ToolCall } from '../../rows/tool-calls.ts';
import type { TemplateMessage } from '../data/tokens/tokenizer-types.ts';
import { toolVariables } from '../data/tokens/tool-places.ts';
import type { SamplingFields, WHICH_CALL } from './fields.ts';
import { checkSchema } from './schema-limits.ts';
import { another, following, promptOf, type Spoken, speak, type Task, taskOf, type Voice } from './speech.ts';
import { Refusal, writesNothing } from './wire.ts';

/** The model that answers. */
export interface AnsweringModel extends Voice {
  /** What clients call it. */
  readonly name: string;
  /** When it was started, in seconds. */
  readonly created: number;
  /** The time that its file was changed. */
  readonly changed: Date;
  readonly bytes: number;
  /** Does `work` unless too many answers are waited for already. Throws a Refusal. */
  inLine<Result>(answers: number, work: () => Promise<Result>): Promise<Result>;
}

/** What is asked, in no API's words. */
export interface AnswerRequest {
  readonly messages: readonly TemplateMessage[];
  readonly tools: readonly SentTool[];
  /** Which tools may or must be called; a name: that one. */
  readonly call: (typeof WHICH_CALL)[number] | { readonly name: string };
  readonly oneCall: boolean;
  /** A schema that the answer follows; null: any JSON. */
  readonly schema: object | null | undefined;
  /** For the template. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly sampling: SamplingFields;
  readonly most: number | undefined;
}

/** A tool as clients send it. */
export interface SentTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string | null | undefined;
    readonly parameters?: Readonly<Record<string, unknown>> | null | undefined;
  };
}

export interface Answer {
  readonly content: string;
  readonly calls: readonly ToolCall[];
  readonly spoken: Spoken;
  readonly finish: 'stop' | 'length' | 'tool_calls';
}

/** A conversation that is ready to be answered. */
export interface Prepared {
  readonly task: Task;
  readonly offersTools: boolean;
  readonly oneCall: boolean;
}

/** What may begin a call of a tool, in any notation. */
const CALL_BEGINS = /[<[{]/;

/** Throws a Refusal for what this model cannot answer. */
export async function prepared(on: AnsweringModel, asked: AnswerRequest): Promise<Prepared> {
  const { call, oneCall, sampling, most } = asked;
  const tools = call === 'none' ? [] : asked.tools;
  const mustCall = call === 'required' || typeof call === 'object';
  const schema = mustCall ? callSchema(tools, call) : asked.schema;
  const task = taskOf(on, sampling, chatPrompt(on, asked, tools, schema !== undefined), most);
  const grammar = await grammarFor(on, schema);
  const offersTools = tools.length > 0;
  return {
    task: { ...following(task, grammar), showsSpecial: offersTools },
    offersTools,
    oneCall,
  };
}

/** Answers, `which` of several; `onText` gets what is sure to be text and no call, as soon as it is. */
export async function answered(
  on: AnsweringModel,
  { task, offersTools, oneCall }: Prepared,
  which: number,
  gone: AbortSignal,
  onText: (text: string) => void,
): Promise<Answer> {
  let [shown, holdsBack] = ['', false];
  const hear = (text: string) => {
    if (holdsBack) return;
    // a call is known once it is whole; what stands before its first mark is text
    const until = offersTools ? text.search(CALL_BEGINS) : -1;
    holdsBack = until >= 0;
    const sure = holdsBack ? text.slice(0, until) : text;
    shown += sure;
    if (sure !== '') onText(sure);
  };
  const spoken = await speak(on, another(task, which), gone, hear);
  const { content, calls } = offersTools ? spokenCalls(spoken.text) : { content: spoken.text, calls: [] };
  // of a text with calls the white space around them is gone
  const rest = calls.length > 0 ? content.slice(shown.trim().length) : content.slice(shown.length);
  if (rest !== '') onText(rest);
  return {
    content,
    calls: oneCall ? calls.slice(0, 1) : calls,
    spoken,
    finish: calls.length > 0 ? 'tool_calls' : spoken.reason,
  };
}

function chatPrompt(
  on: AnsweringModel,
  { messages, variables }: AnswerRequest,
  tools: readonly SentTool[],
  isGuided: boolean,
) {
  const { tokenizer, speaker } = on;
  const { chat } = tokenizer;
  if (!speaker.writes) throw writesNothing();
  if (chat === null)
    throw new Refusal(
      400,
      'no_chat_template',
      'This model only continues text. Use /v1/completions, or start an instruction-tuned model.',
    );
  // each message has a token at least
  if (messages.length > speaker.contextSize)
    throw new Refusal(
      400,
      'context_length_exceeded',
      `There are ${messages.length} messages; this model was started for ${speaker.contextSize} tokens.`,
    );
  const all = { ...variables, ...toolVariables(tools as readonly Tool[]) };
  const text = chat.render(messages, { addGenerationPrompt: true, variables: all });
  return promptOf(on, text, { addSpecial: false, isGuided });
}

/** The grammar of a schema, if one is asked for. Throws a Refusal for what llama.cpp cannot follow, or not soon. */
export async function grammarFor({ speaker }: Voice, schema: object | null | undefined) {
  if (schema === undefined) return null;
  if (schema !== null) checkSchema(schema);
  try {
    return await speaker.grammar(schema);
  } catch (cause) {
    throw new Refusal(400, 'invalid_schema', `llama.cpp can't follow this JSON schema${reasonOf(cause)}.`);
  }
}

/** The schema of a call of the tools, or of the one that was named. */
function callSchema(tools: readonly SentTool[], call: AnswerRequest['call']): object {
  const named = typeof call === 'object' ? call.name : undefined;
  const allowed = tools
    .map((tool) => tool.function)
    .filter(({ name }) => named === undefined || name === named);
  if (allowed.length === 0)
    throw new Refusal(
      400,
      'no_tool',
      named === undefined
        ? 'A call is required, but no tools were sent.'
        : `There is no tool "${named}" among those sent.`,
    );
  const calls = allowed.map(({ name, parameters }) => ({
    type: 'object',
    properties: { name: { const: name }, arguments: parameters ?? { type: 'object' } },
  }));
  return calls.length === 1 ? calls[0]! : { oneOf: calls };
}

/** What reasoning effort means to templates. */
export function effortVariables(effort: string | undefined): Readonly<Record<string, unknown>> {
  if (effort === undefined) return {};
  return { reasoning_effort: effort, ...(effort === 'none' && { enable_thinking: false }) };
}
