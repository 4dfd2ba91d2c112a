/** The calls of tools in what a model has said, in the notations that models of today are trained on. */

export interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A tool as templates take it: its arguments are described by a JSON schema. */
export interface Tool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
}

/** A call within a message, as templates take it. */
export interface MessageCall {
  readonly type: 'function';
  readonly id: string;
  readonly function: ToolCall;
}

interface SpokenCalls {
  /** What the model said besides. */
  readonly content: string;
  readonly calls: readonly ToolCall[];
}

/** A notation: where its calls stand in a text, and what they hold. `read` gives null for what is none. */
interface Notation {
  readonly pattern: RegExp;
  read(inside: string): readonly ToolCall[] | null;
}

const NOTATIONS: readonly Notation[] = [
  // Hermes, Qwen 2.5 and 3, SmolLM3, Granite 4; with tags for each parameter Qwen3.5
  {
    pattern: /<tool_call>\s*([\s\S]*?)\s*<\/tool_call>/g,
    read: (text) => jsonCalls(text) ?? taggedCalls(text),
  },
  { pattern: /<\|tool_call>call:([\s\S]*?)<tool_call\|>(?:<\|tool_response>)?/g, read: gemmaCalls },
  { pattern: /<\|tool_call\|>\s*([\s\S]*?)\s*(?:<\|\/tool_call\|>|$)/g, read: jsonCalls },
  { pattern: /<\|tool_call_start\|>\s*([\s\S]*?)\s*<\|tool_call_end\|>/g, read: pythonCalls },
  // Mistral's newer notation names the tool before its arguments
  {
    pattern: /\[TOOL_CALLS\]\s*([\s\S]*?)(?=\[TOOL_CALLS\]|$)/g,
    read: (text) => jsonCalls(text) ?? namedCalls(text),
  },
  { pattern: /<\|python_tag\|>\s*([\s\S]*?)\s*$/g, read: jsonCalls },
  // Llama 3 says nothing but the call
  { pattern: /^\s*(\{[\s\S]*\})\s*$/g, read: jsonCalls },
];

/** A call as Hermes and most models after it write it. */
export function writtenCall({ name, arguments: given }: ToolCall): string {
  return `<tool_call>\n${spacedJson({ name, arguments: given })}\n</tool_call>`;
}

/** JSON with the spaces that Python puts, as most of what models have read. */
export function spacedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spacedJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const parts = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${spacedJson(one)}`);
  return `{${parts.join(', ')}}`;
}

/** The calls in `text` and what stands beside them; what only looks like a call stays text. */
export function spokenCalls(text: string): SpokenCalls {
  for (const { pattern, read } of NOTATIONS) {
    const found = [...text.matchAll(pattern)].map(([, inside = '']) => read(inside));
    if (found.length === 0 || found.includes(null)) continue;
    return { content: text.replace(pattern, '').trim(), calls: found.flatMap((calls) => calls ?? []) };
  }
  return { content: text, calls: [] };
}

/** `{"name": …, "arguments": …}`, also with `parameters`, or a list of those. */
export function jsonCalls(text: string): readonly ToolCall[] | null {
  const value = parsed(text);
  const calls = (Array.isArray(value) ? value : [value]).map(callOf);
  return calls.includes(null) || calls.length === 0 ? null : (calls as ToolCall[]);
}

function callOf(value: unknown): ToolCall | null {
  const { name, arguments: given, parameters } = (value ?? {}) as Record<string, unknown>;
  const said = given ?? parameters ?? {};
  const inside = typeof said === 'string' ? parsed(said) : said;
  if (typeof name !== 'string' || typeof inside !== 'object' || inside === null || Array.isArray(inside))
    return null;
  return { name, arguments: inside as ToolCall['arguments'] };
}

/** `name{"a": 1}` or `name[ARGS]{"a": 1}`. */
function namedCalls(text: string): readonly ToolCall[] | null {
  const [, name, inside = ''] = /^([\w.-]+)\s*(?:\[ARGS\])?\s*(\{[\s\S]*\})\s*$/.exec(text) ?? [];
  const call = name === undefined ? null : callOf({ name, arguments: parsed(inside) });
  return call && [call];
}

/** `name{key:<|"|>text<|"|>,other:1}`, as Gemma 4 writes it. */
function gemmaCalls(text: string): readonly ToolCall[] | null {
  const [, name, inside = ''] = /^([\w.-]+)(\{[\s\S]*\})\s*$/.exec(text) ?? [];
  const parts = inside.split('<|"|>');
  const json = parts.map((part, i) =>
    i % 2 === 1 ? JSON.stringify(part) : part.replace(/([{,]\s*)([\w.-]+)\s*:/g, '$1"$2":'),
  );
  const call = name === undefined ? null : callOf({ name, arguments: parsed(json.join('')) });
  return call && [call];
}

/** `<function=name><parameter=a>1</parameter></function>`: a value that is no JSON is a text. */
function taggedCalls(text: string): readonly ToolCall[] | null {
  const [, name, inside = ''] = /^<function=([^>\s]+)>([\s\S]*?)<\/function>$/.exec(text) ?? [];
  if (name === undefined) return null;
  const values = [...inside.matchAll(/<parameter=([^>\s]+)>\n?([\s\S]*?)\n?<\/parameter>/g)];
  return [
    {
      name,
      arguments: Object.fromEntries(values.map(([, key, value = '']) => [key, parsed(value) ?? value])),
    },
  ];
}

/** The value of a JSON text; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `[name(a='x', n=2), other()]` as Python writes it; null beyond calls with values that JSON has too. */
function pythonCalls(text: string): readonly ToolCall[] | null {
  const reader = new PythonReader(text);
  try {
    return reader.calls();
  } catch (error) {
    if (error instanceof NotPython) return null;
    throw error;
  }
}

class NotPython extends Error {}

const WORDS: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };

class PythonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.trim();
  }

  calls(): ToolCall[] {
    const calls = this.#list('[', ']', () => this.#call());
    if (this.#at !== this.#text.length) throw new NotPython();
    return calls;
  }

  #call(): ToolCall {
    const name = this.#take(/[\w.]+/y);
    const values = this.#list('(', ')', () => {
      const key = this.#take(/\w+/y);
      this.#take(/\s*=\s*/y);
      return [key, this.#value()] as const;
    });
    return { name, arguments: Object.fromEntries(values) };
  }

  #value(): unknown {
    const next = this.#text[this.#at];
    if (next === '"' || next === "'") return this.#string();
    if (next === '[') return this.#list('[', ']', () => this.#value());
    if (next === '{')
      return Object.fromEntries(
        this.#list('{', '}', () => {
          const key = this.#string();
          this.#take(/\s*:\s*/y);
          return [key, this.#value()] as const;
        }),
      );
    const word = this.#take(/True|False|None|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
    return word in WORDS ? WORDS[word] : Number(word);
  }

  #string(): string {
    const raw = this.#take(/"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'/y);
    const inside = raw.slice(1, -1);
    const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
    return inside.replace(/\\([\s\S])/g, (_, escaped: string) => escapes[escaped] ?? escaped);
  }

  #list<Item>(open: string, close: string, item: () => Item): Item[] {
    this.#expect(open);
    const items: Item[] = [];
    while (!this.#skip(close)) {
      if (items.length > 0) this.#expect(',');
      this.#take(/\s*/y);
      items.push(item());
    }
    return items;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw new NotPython();
  }

  #skip(mark: string): boolean {
    this.#take(/\s*/y);
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) throw new NotPython();
    this.#at = pattern.lastIndex;
    return found[0];
  }
}
