/**
 * The shapes in which people have training data, reduced to the three that the rest of the engine knows. Each row may
 * have its own shape. A row that fits several is read as the first of: `messages`, `prompt` + `completion`,
 * `instruction` + `output`, `text`; a field that is null counts as absent, and fields of other names are ignored.
 */
import { AppError } from '../../errors.ts';
import { excerpt } from './json-excerpt.ts';
import { JSON_LIST_HINT } from './jsonl.ts';
import { type Complaint, readMessages } from './messages.ts';
import type { Message } from './tokenizer-types.ts';

/** A conversation; the first `contextMessages` (default 0) of its turns are never trained on. */
export interface ChatRow {
  readonly kind: 'chat';
  readonly messages: readonly Message[];
  readonly contextMessages?: number;
}

/** A question and its answer, as plain texts. */
export interface CompletionRow {
  readonly kind: 'completion';
  readonly prompt: string;
  readonly completion: string;
  readonly system?: string;
}

/** Running text, all of which is trained on. */
export interface TextRow {
  readonly kind: 'text';
  readonly text: string;
}

export type TrainingRow = ChatRow | CompletionRow | TextRow;

/** The content of a row in one spelling, whatever its spacing, order of fields and extra fields in the file. */
export function canonicalText(row: TrainingRow): string {
  switch (row.kind) {
    case 'chat': {
      const turns = row.messages.flatMap(({ role, content }) => [role, content]);
      return JSON.stringify(['chat', row.contextMessages ?? 0, ...turns]);
    }
    case 'completion':
      return JSON.stringify(['completion', row.prompt, row.completion, row.system ?? null]);
    case 'text':
      return JSON.stringify(['text', row.text]);
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface Shape {
  /** The fields that mark a row as of this shape: any one of them. */
  readonly marks: readonly string[];
  readonly example: string;
  readonly read: (fields: Fields, where: string) => TrainingRow;
}

/** In the order in which they are tried. */
const SHAPES: readonly Shape[] = [
  {
    marks: ['messages'],
    example: '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
    read: (fields, where) => ({
      kind: 'chat',
      messages: readMessages(fields.messages, complaint(where, 'messages')),
    }),
  },
  {
    marks: ['prompt', 'completion'],
    example: '{"prompt": "…", "completion": "…"}',
    read: readPromptCompletion,
  },
  {
    marks: ['instruction'],
    example: '{"instruction": "…", "input": "…", "output": "…"}',
    read: readInstruction,
  },
  {
    marks: ['text'],
    example: '{"text": "…"}',
    read: (fields, where) => ({ kind: 'text', text: readText(fields, 'text', where) }),
  },
];

const SHAPES_HINT = `A row has one of these shapes: ${SHAPES.map((shape) => shape.example).join('  or  ')}`;

/** Field names of other conventions, and what to do about them. */
const FOREIGN_FIELDS: Readonly<Record<string, string>> = {
  conversations:
    'Rename "conversations" to "messages", its "from" to "role" (human: user, gpt: assistant), its "value" to "content".',
  chosen:
    'This looks like preference data (chosen, rejected); give the wanted answers as "prompt" and "completion".',
  question: 'Rename "question" to "prompt" and "answer" to "completion".',
  response: 'Rename "response" to "output" (beside "instruction") or to "completion" (beside "prompt").',
  output: 'Rename "input" to "prompt" and "output" to "completion", or add an "instruction".',
  content: 'Rename "content" to "text".',
};

/** The training row in the parsed JSON `value`; `where` (file:line) begins the message of the `bad-row` error. */
export function parseRow(value: unknown, where: string): TrainingRow {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRow(
      where,
      'a JSON object',
      describe(value),
      Array.isArray(value) ? JSON_LIST_HINT : SHAPES_HINT,
    );
  }
  const fields = value as Fields;
  const shape = SHAPES.find(({ marks }) => marks.some((mark) => isPresent(fields, mark)));
  if (shape) return shape.read(fields, where);
  const names = Object.keys(fields).slice(0, 8).join(', ');
  const came = names === '' ? 'an empty object' : `the fields ${excerpt(names)}`;
  const expected = 'the fields messages, prompt and completion, instruction and output, or text';
  throw badRow(where, expected, came, renameHint(fields));
}

/** What to rename where a field of another convention is there, else the shapes that are known. */
function renameHint(fields: Fields): string {
  const foreign = Object.keys(FOREIGN_FIELDS).find((name) => isPresent(fields, name));
  return foreign === undefined ? SHAPES_HINT : FOREIGN_FIELDS[foreign]!;
}

function isPresent(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name] !== null;
}

function readPromptCompletion(fields: Fields, where: string): TrainingRow {
  if (Array.isArray(fields.prompt) && Array.isArray(fields.completion)) return readSplitChat(fields, where);
  const prompt = readText(fields, 'prompt', where);
  return {
    kind: 'completion',
    prompt,
    completion: readText(fields, 'completion', where),
    ...readSystem(fields, where),
  };
}

/** TRL's conversational form: both fields are lists of messages, and only those of the completion are trained on. */
function readSplitChat(fields: Fields, where: string): TrainingRow {
  const prompt = fields.prompt as unknown[];
  const completion = fields.completion as unknown[];
  if (prompt.length === 0)
    throw badRow(where, 'at least one message in "prompt"', 'an empty list', SHAPES_HINT);
  const messages = readMessages([...prompt, ...completion], complaint(where, 'prompt + completion'));
  if (!messages.slice(prompt.length).some((message) => message.role === 'assistant')) {
    throw badRow(where, 'a message of the assistant in "completion"', 'none', SHAPES_HINT);
  }
  return { kind: 'chat', messages, contextMessages: prompt.length };
}

/** Alpaca's form; the input, where there is one, follows the instruction after an empty line. */
function readInstruction(fields: Fields, where: string): TrainingRow {
  const instruction = readText(fields, 'instruction', where);
  const input = fields.input ?? '';
  if (typeof input !== 'string') throw badRow(where, '"input" to be text', describe(input), SHAPES_HINT);
  const prompt = input.trim() === '' ? instruction : `${instruction}\n\n${input}`;
  return {
    kind: 'completion',
    prompt,
    completion: readText(fields, 'output', where),
    ...readSystem(fields, where),
  };
}

/** The optional `system` text beside plain prompts; an empty one counts as absent. */
function readSystem(fields: Fields, where: string): { system?: string } {
  const system = fields.system ?? '';
  if (typeof system !== 'string') throw badRow(where, '"system" to be text', describe(system), SHAPES_HINT);
  return system.trim() === '' ? {} : { system };
}

function readText(fields: Fields, name: string, where: string): string {
  const value = isPresent(fields, name) ? fields[name] : undefined;
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw badRow(
    where,
    `"${name}" to be text that is not empty`,
    describe(value),
    value === undefined ? renameHint(fields) : SHAPES_HINT,
  );
}

/** How complaints about the messages in field `name` read. */
function complaint(where: string, name: string): Complaint {
  return (place, expected, came) =>
    badRow(where, `"${name}${place}" to be ${expected}`, describe(came), SHAPES_HINT);
}

/** A value that came instead of the expected one, in a few words. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'string')
    return value.trim() === '' ? 'an empty text' : `the text "${excerpt(value)}"`;
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return `an object with the fields ${excerpt(Object.keys(value).join(', '))}`;
  return `the ${typeof value} ${String(value)}`;
}

function badRow(where: string, expected: string, came: string, hint: string): AppError {
  return new AppError('bad-row', `${where}: expected ${expected}, got ${came}`, hint);
}
