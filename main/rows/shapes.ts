/**
 * The shapes that a record may have by itself; of several that fit, the first of: `messages`, `conversations`, `prompt` + `completion`,
 * `instruction` + `output`, `text`. A field that is null counts as absent, and fields of other names are ignored.
 */

import { isRecord } from '../../common/values.ts';
import { said, say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import { badRow, describe, excerpt, jsonListHint, noText, notA } from './bad-row.ts';
import type { LooseRow, LooseTurn } from './loose-row.ts';
import { type Complaint, looseTurns } from './messages.ts';
import type { Tool } from './tool-calls.ts';
import { toolsBeside, withTools } from './tools.ts';

/** The fields of a record. */
export type Fields = Readonly<Record<string, unknown>>;

/** A shape's name, as detection reports it. */
export type ShapeName = 'messages' | 'sharegpt' | 'prompt-completion' | 'alpaca' | 'text';

interface Shape {
  readonly name: ShapeName;
  /** The fields that mark a row as of this shape: any one of them. */
  readonly marks: readonly string[];
  readonly example: string;
  readonly read: (fields: Fields, where: string) => LooseRow;
}

/** In the order in which they are tried. */
const SHAPES: readonly Shape[] = [
  {
    name: 'messages',
    marks: ['messages'],
    example: '{"messages": [{"role": "user", "content": "…"}, {"role": "assistant", "content": "…"}]}',
    read: (fields, where) => looseChat(fields, fields.messages, 'messages', where),
  },
  {
    name: 'sharegpt',
    marks: ['conversations'],
    example: '{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}',
    read: (fields, where) => looseChat(fields, fields.conversations, 'conversations', where),
  },
  {
    name: 'prompt-completion',
    marks: ['prompt', 'completion'],
    example: '{"prompt": "…", "completion": "…"}',
    read: readPromptCompletion,
  },
  {
    name: 'alpaca',
    marks: ['instruction'],
    example: '{"instruction": "…", "input": "…", "output": "…"}',
    read: readInstruction,
  },
  {
    name: 'text',
    marks: ['text'],
    example: '{"text": "…"}',
    read: (fields, where) => ({
      kind: 'text',
      turns: [looseText(fields, 'text', 'text', where)],
    }),
  },
];

/** What to say where a record has none of the shapes. */
export const shapesHint = () =>
  say`A row looks like one of these: ${SHAPES.map((shape) => shape.example).join('  or  ')}`;

/** Field names of other conventions, and what to do about them. */
export const FOREIGN_FIELDS: Readonly<Record<string, string>> = {
  chosen: 'Choose “chosen” as the answer, or add “rejected” to learn from preferences.',
  question: 'Choose “question” as the question and “answer” as the answer.',
  response: 'Rename “response” to “output” beside “instruction”, or to “completion” beside “prompt”.',
  output: 'Choose “input” as the question and “output” as the answer.',
  content: 'Choose “content” as the text.',
};

/** The name of the shape that `value` has by itself, or undefined. */
export function shapeOf(value: unknown): ShapeName | undefined {
  return isRecord(value) ? shapeFor(value)?.name : undefined;
}

/** The row in the record `value`; `where` begins the message of the `bad-row` error. */
export function looseRow(value: unknown, where: string): LooseRow {
  const fields = requireFields(value, where);
  const shape = shapeFor(fields);
  if (shape) return shape.read(fields, where);
  const names = Object.keys(fields).slice(0, 8).join(marks().comma);
  const problem =
    names === ''
      ? say`The row is empty.`
      : say`The row has ${excerpt(names)}, but no question with an answer, no messages and no text.`;
  throw badRow(where, problem, renameHint(fields));
}

/** `value` as a record; anything else in its place is a bad row. */
export function requireFields(value: unknown, where: string): Fields {
  if (isRecord(value)) return value;
  const hint = Array.isArray(value) ? jsonListHint() : shapesHint();
  throw badRow(where, say`The row should be an object with fields, but is ${describe(value)}.`, hint);
}

function shapeFor(fields: Fields): Shape | undefined {
  return SHAPES.find(({ marks }) => marks.some((mark) => isPresent(fields, mark)));
}

/** What to rename where a field of another convention is there, else the shapes that are known. */
function renameHint(fields: Fields): string {
  const foreign = Object.keys(FOREIGN_FIELDS).find((name) => isPresent(fields, name));
  return foreign === undefined ? shapesHint() : said(FOREIGN_FIELDS[foreign]!);
}

function isPresent(fields: Fields, name: string): boolean {
  return Object.hasOwn(fields, name) && fields[name] !== null;
}

/** The conversation in `value`, the field or column `name` of a record, with the tools beside it. */
export function looseChat(fields: Fields, value: unknown, name: string, where: string): LooseRow {
  const turns = looseTurns(value, complaint(where, name));
  return {
    kind: 'chat',
    ...withTools(turns, toolsOf(fields, where)),
    ...(name === 'messages' ? {} : { field: name }),
  };
}

/** The tools beside a conversation; undefined where the record has none. */
export function toolsOf(fields: Fields, where: string): readonly Tool[] | undefined {
  const beside = toolsBeside(fields);
  if (beside?.tools !== null) return beside?.tools;
  const wanted = say`a list of tools, each with its name`;
  throw badRow(where, notA(beside.field, wanted, fields[beside.field]), shapesHint());
}

function readPromptCompletion(fields: Fields, where: string): LooseRow {
  if (Array.isArray(fields.prompt) && Array.isArray(fields.completion)) return readSplitChat(fields, where);
  return readPair(fields, looseText(fields, 'prompt', 'user', where), 'completion', where);
}

/** TRL's conversational form: both fields are lists of messages, and only those of the completion are trained on. */
function readSplitChat(fields: Fields, where: string): LooseRow {
  const prompt = fields.prompt as unknown[];
  const completion = fields.completion as unknown[];
  if (prompt.length === 0) throw badRow(where, noText('prompt', ''), shapesHint());
  const field = 'prompt + completion';
  const turns = looseTurns([...prompt, ...completion], complaint(where, field));
  const context = withTools(turns.slice(0, prompt.length), toolsOf(fields, where));
  const taught = withTools(turns.slice(prompt.length), context.tools);
  const all = { ...context, turns: [...context.turns, ...taught.turns] };
  return { kind: 'chat', ...all, contextTurns: context.turns.length, field };
}

/** Alpaca's form; the input, where there is one, follows the instruction after an empty line. */
function readInstruction(fields: Fields, where: string): LooseRow {
  const instruction = looseText(fields, 'instruction', 'user', where);
  const input = fields.input ?? '';
  if (typeof input !== 'string') throw badRow(where, noText('input', input), shapesHint());
  const asked = instruction.content.trim() !== '' && input.trim() !== '';
  const content = asked ? `${instruction.content}\n\n${input}` : instruction.content;
  const answer = isPresent(fields, 'output') || !isPresent(fields, 'response') ? 'output' : 'response';
  return readPair(fields, { ...instruction, content }, answer, where);
}

function readPair(fields: Fields, question: LooseTurn, answer: string, where: string): LooseRow {
  const completion = looseText(fields, answer, 'assistant', where);
  return { kind: 'completion', turns: [...readSystem(fields, where), question, completion] };
}

/** The optional `system` text beside plain prompts; an empty one counts as absent. */
function readSystem(fields: Fields, where: string): LooseTurn[] {
  const system = fields.system ?? '';
  if (typeof system !== 'string') throw badRow(where, noText('system', system), shapesHint());
  return system.trim() === '' ? [] : [{ role: 'system', content: system, field: 'system' }];
}

function looseText(fields: Fields, field: string, role: string, where: string): LooseTurn {
  const value = isPresent(fields, field) ? fields[field] : undefined;
  if (typeof value === 'string') return { role, content: value, field };
  const hint = value === undefined ? renameHint(fields) : shapesHint();
  // an empty place is the doctor's to count; a text under another name, or something else than text, is not
  if (value === undefined && hint === shapesHint()) return { role, content: '', missing: true, field };
  throw badRow(where, noText(field, value), hint);
}

/** How complaints about the messages in field `name` read. */
export function complaint(where: string, name: string): Complaint {
  return (place, wanted, came, hint = shapesHint()) => {
    const field = `${name}${place}`;
    return badRow(where, wanted === null ? noText(field, came) : notA(field, wanted, came), hint);
  };
}
