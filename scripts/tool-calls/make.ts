/**
 * `node scripts/tool-calls/make.ts`: writes the sample "tool-calls" from phrases.json beside this file. Each row has three of the tools, among
 * them the right one; some go on with what the tool answers, and in some no tool is asked for.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Rng, streamSeed } from '../../main/rows/rng.ts';

interface Ask {
  readonly tool: string;
  readonly says: readonly string[];
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: Readonly<Record<string, unknown>>;
  readonly answer: string;
}

interface Phrases {
  readonly tools: readonly { readonly name: string }[];
  readonly slots: Readonly<Record<string, readonly (string | number)[]>>;
  readonly asks: readonly Ask[];
  readonly chats: readonly { readonly says: readonly string[]; readonly answer: string }[];
}

const ROWS = { 'tool-calls.jsonl': 160, 'tool-calls.held-out.jsonl': 50 };
const SAMPLES = path.resolve(import.meta.dirname, '../../resources/samples');
const TOOLS = 3;
/** Of a hundred rows: in how many no tool is asked for, and how many have an answer to the tool's result. */
const CHATS = 10;
const ANSWERED = 30;

const phrases = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'phrases.json'), 'utf8'),
) as Phrases;
const rng = Rng.fromSeed(streamSeed(1, 'tool-calls'));
const one = <T>(all: readonly T[]): T => all[rng.below(all.length)]!;

/** Fills the slots of all texts within `value`; a text that is a slot alone becomes its value. */
function filled(value: unknown, slots: Readonly<Record<string, string | number>>): unknown {
  if (typeof value === 'string') {
    const whole = /^\[(\w+)\]$/.exec(value)?.[1];
    return whole ? slots[whole] : value.replace(/\[(\w+)\]/g, (_, slot: string) => String(slots[slot]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, slots)]));
}

function toolsWith(name?: string) {
  const order = [...rng.shuffle(Uint32Array.from(phrases.tools.keys()))].map((i) => phrases.tools[i]!);
  const right = order.filter((tool) => tool.name === name);
  const chosen = [...new Set([...right, ...order])].slice(0, TOOLS);
  return order.filter((tool) => chosen.includes(tool)).map((tool) => ({ type: 'function', function: tool }));
}

function row() {
  if (rng.below(100) < CHATS) {
    const { says, answer } = one(phrases.chats);
    const messages = [
      { role: 'user', content: one(says) },
      { role: 'assistant', content: answer },
    ];
    return { tools: toolsWith(), messages };
  }
  const ask = one(phrases.asks);
  const slots = Object.fromEntries(
    Object.entries(phrases.slots).map(([slot, values]) => [slot, one(values)]),
  );
  const called = { name: ask.tool, arguments: JSON.stringify(filled(ask.arguments, slots)) };
  const said = filled(one(ask.says), slots) as string;
  const messages: object[] = [
    { role: 'user', content: said.charAt(0).toUpperCase() + said.slice(1) },
    { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: called }] },
  ];
  if (rng.below(100) < ANSWERED) {
    const result = JSON.stringify(filled(ask.result, slots));
    const answer = filled(ask.answer, slots) as string;
    messages.push({ role: 'tool', tool_call_id: 'call_1', content: result });
    messages.push({ role: 'assistant', content: answer.charAt(0).toUpperCase() + answer.slice(1) });
  }
  return { tools: toolsWith(ask.tool), messages };
}

const known = new Set<string>();
for (const [file, rows] of Object.entries(ROWS)) {
  const lines: string[] = [];
  while (lines.length < rows) {
    const made = row();
    const asked = JSON.stringify(made.messages[0]);
    // a greeting comes back with other tools
    const key =
      made.messages.length === 2 && !('tool_calls' in made.messages[1]!) ? JSON.stringify(made) : asked;
    if (known.has(key)) continue;
    known.add(key);
    lines.push(JSON.stringify(made));
  }
  fs.writeFileSync(path.join(SAMPLES, file), `${lines.join('\n')}\n`);
}
