/**
 * Chat templates: the Jinja program of a model that makes the text it was trained on. It gets what Transformers gives it and nothing else:
 * a rendering that differs by one newline is another prompt to the model.
 */

import { Environment, Template } from '@huggingface/jinja';
import { AppError, reasonOf } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Tool } from '../../../rows/tool-calls.ts';
import { MeteredInterpreter } from './metered-interpreter.ts';
import type { ChatTemplate, RenderOptions, TemplateMessage } from './tokenizer-types.ts';
import { isLimit, LimitReached, tooMuch, withinTime } from './too-much.ts';
import { inItsPlaces, type Places, placesOf, takesTools, usesTools } from './tool-places.ts';

/** Names of special tokens that templates use, e.g. `bos_token`; absent where the model has none. */
type TemplateTokens = Readonly<Record<string, string>>;

/** Thrown by a template's own `raise_exception`, with the words of the template. */
class TemplateRefusal extends Error {}

/** Longest list that a template may ask `range` for: a template is downloaded code and must not fill the memory. */
const MAX_RANGE = 100_000;
/** The longest template in use has about 20,000 characters. */
const MAX_SOURCE = 500_000;
const PARSE_MILLISECONDS = 2000;
/** What a turn may cost beside its characters: an empty one is walked through too. */
const TURN_CHARACTERS = 100;
const MAX_DATE_FORMAT = 100;

/**
 * A template from its Jinja source. Rendering throws AppError `chat-template.invalid` for source that cannot be parsed or run,
 * `chat-template.refused` where the template rejects the conversation, and TOO_MUCH, from then on at once, beyond its limits.
 */
export function createChatTemplate(source: string, tokens: TemplateTokens): ChatTemplate {
  let parsed: Template['parsed'] | null = null;
  let stopped: AppError | null = null;
  let folds: boolean | null = null;
  let places: Places | null = null;
  const stop = (cause: unknown): AppError => {
    stopped = tooMuch(say`The chat template of this model`, { cause });
    return stopped;
  };
  const render = (messages: readonly TemplateMessage[], options: RenderOptions): string => {
    if (stopped !== null) throw stopped;
    try {
      parsed ??= parse(source);
      const length = messages.reduce((sum, turn) => sum + JSON.stringify(turn).length + TURN_CHARACTERS, 0);
      const variables = environment(messages, tokens, options);
      return String(new MeteredInterpreter(variables, source.length, length).run(parsed).value);
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw isLimit(cause) ? stop(cause) : renderError(cause, messages);
    }
  };
  const foldsSystem = (): boolean => {
    folds ??= !keepsSystem(render, PROBE) && keepsSystem(render, withSystemFolded(PROBE));
    return folds;
  };
  const placed = (): Places => {
    places ??= placesOf((messages, variables) => render(messages, { variables }));
    return places;
  };
  const inPlaces = (messages: readonly TemplateMessage[], { variables }: RenderOptions) => {
    const tools = (variables?.tools ?? []) as readonly Tool[];
    const isPlain =
      tools.length === 0 && !messages.some((turn) => turn.reasoning_content) && !usesTools(messages);
    return isPlain ? messages : inItsPlaces(messages, tools, source, placed());
  };
  return {
    source,
    foldsSystem,
    foldsTools: () => !placed().tools,
    skills() {
      // SmolLM3's asks for thinking, and shows what stands in the text
      const thinks = placed().thinking || source.includes('enable_thinking');
      return [
        ...(takesTools(source, placed()) ? (['tools'] as const) : []),
        ...(thinks ? (['thinking'] as const) : []),
      ];
    },
    render: (given, options = {}) => {
      const rendered = (messages: readonly TemplateMessage[]) => {
        const isFolded = messages[0]?.role === 'system' && foldsSystem();
        return render(isFolded ? withSystemFolded(messages) : messages, options);
      };
      const messages = inPlaces(given, options);
      const text = rendered(messages);
      // told not to think, SmolLM3's writes an empty thought of its own before each answer
      if (messages === given || !EMPTY_THOUGHT_FIRST.test(text)) return text;
      return rendered(inPlaces(given.map(withoutThought), options));
    },
  };
}

const EMPTY_THOUGHT_FIRST = /<think>\s*<\/think>\s*<think>/;

function withoutThought({ reasoning_content: _, ...message }: TemplateMessage): TemplateMessage {
  return message as TemplateMessage;
}

/** A conversation of which each template that knows a system message shows the instructions. */
const PROBE: readonly TemplateMessage[] = [
  { role: 'system', content: 'FettleSystemMarker' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: 'Hi' },
];

/** Whether the template takes `messages` and writes the instructions of the probe. */
function keepsSystem(
  render: (messages: readonly TemplateMessage[], options: RenderOptions) => string,
  messages: readonly TemplateMessage[],
): boolean {
  // Mistral's show them in the last question, but only while it has no answer.
  return [messages, messages.slice(0, -1)].some((turns) => {
    try {
      return render(turns, {}).includes('FettleSystemMarker');
    } catch {
      return false; // What is wrong with a template is said where it is used.
    }
  });
}

/** The instructions at the start of the first question, as people write them for a model without a system role. */
function withSystemFolded([system, first, ...rest]: readonly TemplateMessage[]): TemplateMessage[] {
  const { content } = system!;
  if (first?.role !== 'user') return [{ role: 'user', content }, ...(first ? [first] : []), ...rest];
  return [{ role: 'user', content: `${content}\n\n${first.content}` }, ...rest];
}

function parse(source: string): Template['parsed'] {
  if (source.length > MAX_SOURCE) throw new LimitReached();
  try {
    return withinTime(PARSE_MILLISECONDS, () => new Template(withMissingAttributes(source)).parsed);
  } catch (cause) {
    if (isLimit(cause)) throw cause;
    throw new AppError(
      'chat-template.invalid',
      say`The chat template of this model can't be read${reasonOf(cause)}.`,
      say`Download the model again.`,
      { cause },
    );
  }
}

/**
 * The library drops items that lack the attribute before it asks the test, so `selectattr("x", "undefined")` finds none of them. Asking the
 * other way round gives what Jinja gives; Mistral's check of alternating roles depends on it.
 */
function withMissingAttributes(source: string): string {
  const undefinedTest = /\b(select|reject)attr\(\s*("[^"]*"|'[^']*')\s*,\s*(["'])undefined\3\s*\)/g;
  const other = (kind: string) => (kind === 'select' ? 'reject' : 'select');
  return source.replace(
    undefinedTest,
    (_, kind: string, name: string) => `${other(kind)}attr(${name}, "defined")`,
  );
}

function environment(
  messages: readonly TemplateMessage[],
  tokens: TemplateTokens,
  options: RenderOptions,
): Environment {
  const env = new Environment();
  const globals: Record<string, unknown> = {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range,
    strftime_now: (format: unknown) => formatDate(new Date(), String(format)),
    raise_exception: (message: unknown) => {
      throw new TemplateRefusal(String(message));
    },
    messages: messages.map((message) => ({ ...message })),
    tools: null,
    documents: null,
    add_generation_prompt: options.addGenerationPrompt === true,
    ...tokens,
    ...options.variables,
  };
  for (const [name, value] of Object.entries(globals)) env.set(name, value);
  return env;
}

function renderError(cause: unknown, messages: readonly TemplateMessage[]): AppError {
  const roles = messages.map((message) => message.role).join(', ') || 'none';
  if (cause instanceof TemplateRefusal) {
    return new AppError(
      'chat-template.refused',
      say`The model's chat template refuses the conversation: ${cause.message}`,
      say`Its roles are: ${roles}. Change the conversation so that the template accepts it.`,
      { cause },
    );
  }
  return new AppError(
    'chat-template.invalid',
    say`The chat template of this model failed${inWords(reasonOf(cause))}.`,
    say`The roles of the conversation are: ${roles}. If they look right, download the model again.`,
    { cause },
  );
}

/** The library's classes of values as people call them: "got an undefined value". */
function inWords(reason: string): string {
  return reason.replaceAll(/'?\b([A-Z][a-z]+)\w*Value\b'?/g, (_, kind: string) => {
    const article = /^[aeiou]/i.test(kind) ? 'an' : 'a';
    return `${article} ${kind.toLowerCase()} value`;
  });
}

function range(from: number, to?: number, step = 1): number[] {
  const [start, stop] = to === undefined ? [0, from] : [from, to];
  const count = step === 0 ? Number.NaN : Math.max(0, Math.ceil((stop - start) / step));
  if (!(count <= MAX_RANGE)) throw new LimitReached();
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** `strftime` with the directives that templates use. Names are English on every machine, as the models learned them. */
export function formatDate(date: Date, format: string): string {
  if (format.length > MAX_DATE_FORMAT) throw new LimitReached();
  const two = (value: number) => String(value).padStart(2, '0');
  const name = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', options).format(date);
  const directives: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    d: () => two(date.getDate()),
    H: () => two(date.getHours()),
    I: () => two(date.getHours() % 12 || 12),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    b: () => name({ month: 'short' }),
    B: () => name({ month: 'long' }),
    a: () => name({ weekday: 'short' }),
    A: () => name({ weekday: 'long' }),
    '%': () => '%',
  };
  return format.replace(/%(.)/g, (all, directive: string) => directives[directive]?.() ?? all);
}
