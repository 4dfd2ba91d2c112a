/**
 * JSON: line by line, where a broken line is left out and the next is read, or one list of records, token by token: a list of two gigabytes
 * needs the memory of its largest record.
 */

import { basename } from 'node:path';
import { none } from 'stream-chain/defs.js';
import { Assembler } from 'stream-json/assembler.js';
import { jsonParser, type Token } from 'stream-json/parser.js';
import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { badRow, jsonListHint, jsonProblem } from '../bad-row.ts';
import { isMeasuringName, nameFit } from '../columns.ts';
import { decodedChunks, lineFault, type RawLine, splitLines } from './encoding.ts';
import type { RawRecord, Reader, ReadingContext, Source } from './source.ts';

/** Bytes that are made into tokens at once. */
const PIECE_BYTES = 64 * 1024;
/** Text of one record, in characters. */
const MAX_RECORD_CHARS = 64 * 1024 * 1024;

/** Lists under these names are turns of one conversation, not records. */
const TURN_LISTS = new Set(
  'messages conversations conversation turns dialog dialogue chat history prompt completion chosen rejected'.split(
    ' ',
  ),
);

/** Where the records are: in the list at the top, in the list under keys, or they are the values at the top. */
type Place = { readonly at: 'top' | 'values' } | { readonly at: 'keys'; readonly keys: readonly string[] };

/** Reads JSON that is not line by line. */
export const readJson: Reader = (source, context) => readJsonWithin(MAX_RECORD_CHARS, source, context);

/** The same with a limit on the characters of one record. */
export async function* readJsonWithin(
  limit: number,
  source: Source,
  context: ReadingContext,
): AsyncGenerator<readonly RawRecord[]> {
  const quiet = { ...context, note: () => {} };
  const { place, others } = await findRecords(source.path, decodedChunks(source, quiet));
  if (place.at === 'keys') context.note(listNote(source.path, place.keys.join('.'), others));
  const collector = new RecordCollector(place);
  const tokens = new Tokens(source.path);
  let count = 0;
  let openChars = 0;
  const take = (input: string | null): RawRecord[] => {
    const records: RawRecord[] = [];
    for (const token of tokens.feed(input)) {
      if (!collector.take(token)) continue;
      const where = `${source.path}, record ${++count}`;
      records.push({ value: collector.record, where, doneBytes: source.position() });
    }
    openChars = collector.isBetween || records.length > 0 ? 0 : openChars + (input ?? '').length;
    if (openChars > limit) throw tooLong(`${source.path}, record ${count + 1}`, limit);
    return records;
  };
  for await (const text of pieces(decodedChunks(source, context))) yield take(text);
  yield take(null);
}

function listNote(path: string, key: string, others: readonly string[]) {
  const file = basename(path);
  if (others.length === 0)
    return {
      code: 'data-list',
      message: say`The rows of ${file} are its list “${key}”.`,
      expected: true as const,
    };
  const message = say`The rows of ${file} are its list “${key}”. Not read: ${others.join(marks().comma)}.`;
  return { code: 'data-list', message };
}

/** Whether a JSON value is a list of records, or holds one. */
export function holdsList(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  return isRecord(value) && (holdsIts(value) || (!isRow(value) && holdsDeep(value)));
}

function holdsIts(value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(value).some(
    ([key, list]) =>
      !TURN_LISTS.has(key) && Array.isArray(list) && (isRecord(list[0]) || Array.isArray(list[0])),
  );
}

function holdsDeep(value: Readonly<Record<string, unknown>>): boolean {
  return Object.values(value).some((inner) => isRecord(inner) && (holdsIts(inner) || holdsDeep(inner)));
}

/** Whether an object is a row itself, by the names of its texts: lists deep in it are about it. */
function isRow(value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(value).some(([key, text]) => typeof text === 'string' && isOfRow(key));
}

function isOfRow(key: string): boolean {
  return (['question', 'answer', 'text'] as const).some((role) => nameFit(key, role) > 0);
}

/** Follows the tokens and puts those of each record together. */
class RecordCollector {
  readonly #place: Place;
  #depth = 0;
  readonly #keys: string[] = [];
  #assembler: Assembler | undefined;
  record: unknown;

  constructor(place: Place) {
    this.#place = place;
  }

  /** Whether nothing of a record is held: what came before need not be kept. */
  get isBetween(): boolean {
    return this.#assembler === undefined;
  }

  /** Takes one token; true when it completes a record. */
  take(token: Token): boolean {
    const closes = token.name === 'endObject' || token.name === 'endArray';
    if (closes) this.#depth--;
    if (token.name === 'keyValue') this.#pass(token.value);
    if (this.#assembler === undefined && !closes && token.name !== 'keyValue' && this.#isRecordLevel())
      this.#assembler = new Assembler();
    if (token.name === 'startObject' || token.name === 'startArray') this.#depth++;
    if (this.#assembler === undefined) return false;
    this.#assembler.consume(token);
    if (!this.#isRecordLevel()) return false;
    this.record = this.#assembler.current;
    this.#assembler = undefined;
    return true;
  }

  /** Notes the key that stands before a value, as deep as the records' list. */
  #pass(key: string): void {
    if (this.#place.at !== 'keys' || this.#depth > this.#place.keys.length) return;
    this.#keys.length = this.#depth - 1;
    this.#keys.push(key);
  }

  #isRecordLevel(): boolean {
    const place = this.#place;
    if (place.at === 'keys')
      return this.#depth === place.keys.length + 1 && place.keys.every((key, i) => this.#keys[i] === key);
    return this.#depth === (place.at === 'top' ? 1 : 0);
  }
}

/**
 * Reads as far as needed to know where the records are; `others` are lists seen that are not taken. Lists deeper in the first object count
 * where it has none itself and is no row: of those the longest.
 */
async function findRecords(
  path: string,
  chunks: AsyncGenerator<Buffer>,
): Promise<{ place: Place; others: string[] }> {
  const lists = new ListsOfObject();
  const tokens = new Tokens(path);
  for await (const text of pieces(chunks)) {
    for (const token of tokens.feed(text)) {
      if (lists.isAtTop && token.name === 'startArray') return { place: { at: 'top' }, others: [] };
      lists.take(token);
    }
    if (lists.isKnown) break;
  }
  const taken = lists.chosen;
  if (taken === undefined) return { place: { at: 'values' }, others: [] };
  const others = lists.found.filter((list) => list !== taken).map(({ keys }) => keys.join('.'));
  return { place: { at: 'keys', keys: taken.keys }, others };
}

interface FoundList {
  readonly keys: readonly string[];
  records: number;
}

/** The lists of records in the objects at the top. */
class ListsOfObject {
  readonly #own: FoundList[] = [];
  readonly #deep: FoundList[] = [];
  readonly #keys: string[] = [];
  #depth = 0;
  #arrays = 0;
  #before = '';
  #isRow = false;
  #objects = 0;

  get isAtTop(): boolean {
    return this.#depth === 0;
  }

  /** Whether a list was found that the rest of the file cannot change. */
  get isKnown(): boolean {
    return this.#own.some(({ keys }) => !isMeasuringName(keys[0]!));
  }

  get found(): readonly FoundList[] {
    if (this.#own.length > 0) return this.#own;
    // of several objects each is a record
    return this.#isRow || this.#objects > 1 ? [] : this.#deep;
  }

  /** A list to measure with is only read where there is no other. */
  get chosen(): FoundList | undefined {
    const { found } = this;
    const isTraining = ({ keys }: FoundList) => !keys.some(isMeasuringName);
    if (found === this.#own) return found.find(isTraining) ?? found[0];
    const lists = found.some(isTraining) ? found.filter(isTraining) : found;
    return lists.toSorted((a, b) => b.records - a.records)[0];
  }

  take(token: Token): void {
    const { name } = token;
    if (name === 'keyValue' && this.#arrays === 0) {
      this.#keys.length = this.#depth - 1;
      this.#keys.push(token.value);
    }
    if (name === 'stringValue' && this.#depth === 1 && isOfRow(this.#keys[0] ?? '')) this.#isRow = true;
    if (name === 'startObject') this.#open();
    if (name === 'startArray') this.#arrays++;
    if (name === 'endArray') this.#arrays--;
    if (name === 'startObject' || name === 'startArray') this.#depth++;
    if (name === 'endObject' || name === 'endArray') this.#depth--;
    this.#before = name;
  }

  #open(): void {
    if (this.#depth === 0) this.#objects++;
    if (this.#arrays !== 1 || this.#depth !== this.#keys.length + 1) return;
    const lists = this.#keys.length === 1 ? this.#own : this.#deep;
    if (this.#before === 'startArray' && !TURN_LISTS.has(this.#keys.at(-1)!))
      lists.push({ keys: [...this.#keys], records: 0 });
    const last = lists.at(-1);
    if (last?.keys.every((key, i) => key === this.#keys[i])) last.records++;
  }
}

/** Small pieces: their tokens take many times their memory. */
async function* pieces(chunks: AsyncGenerator<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += PIECE_BYTES)
      yield decoder.decode(chunk.subarray(start, start + PIECE_BYTES), { stream: true });
  }
  yield decoder.decode();
}

/** The tokens of a JSON text that comes in pieces; several texts may follow each other. */
class Tokens {
  readonly #path: string;
  readonly #parse = jsonParser({ streamValues: false, jsonStreaming: true });
  #line = 1;

  constructor(path: string) {
    this.#path = path;
  }

  /** The tokens that end in `input` (null: there is no more); a mistake is an `AppError` with its line. */
  *feed(input: string | null): Generator<Token> {
    if (input === null) yield* this.#tokens(none);
    // line by line, so that a mistake can be given its line
    for (let start = 0; input !== null && start < input.length; ) {
      const end = input.indexOf('\n', start) + 1 || input.length;
      yield* this.#tokens(input.slice(start, end));
      if (input[end - 1] === '\n') this.#line++;
      start = end;
    }
  }

  #tokens(input: string | typeof none): readonly Token[] {
    try {
      const parsed = this.#parse(input as string) as { values: Token[] } | typeof none;
      return parsed === none ? [] : parsed.values;
    } catch (cause) {
      throw jsonMistake(this.#path, this.#line, input === none, cause);
    }
  }
}

function jsonMistake(path: string, line: number, ended: boolean, cause: unknown): AppError {
  const reason = (cause as Error).message.replace(/^.*cannot parse input: /, '');
  const what = ended ? say`The JSON text ends too early.` : say`The JSON text has a mistake (${reason}).`;
  const hint = ended
    ? say`It was probably not copied completely. Copy or download it again.`
    : say`Check quotes, commas and brackets there.`;
  return new AppError('data-damaged', `${path}:${line}: ${what}`, hint, { cause });
}

function tooLong(where: string, limit: number): AppError {
  const message = say`${where}: The row is larger than ${limit / 1024 ** 2} MB.`;
  return new AppError('data-too-large', message, say`Check the brackets of the list.`);
}

/** Bytes of lines whose values are given together: few enough to be gone before the collector takes them for lasting. */
const BATCH_BYTES = 64 * 1024;

/** Reads JSON Lines. */
export const readJsonLines: Reader = async function* (source, context) {
  for await (const lines of splitLines(decodedChunks(source, context))) {
    let records: RawRecord[] = [];
    let bytes = 0;
    // the content's own count is exact where it is the file's
    const fromFile = source.isGzip ? source.position() : undefined;
    for (const raw of lines) {
      const parsed: JsonLine = parseJsonLine(raw, source.path);
      if (parsed === undefined) continue;
      const doneBytes = fromFile ?? Math.min(raw.endByte, source.bytes);
      records.push({ ...parsed, where: `${source.path}:${raw.line}`, doneBytes });
      bytes += raw.bytes?.length ?? 0;
      if (bytes < BATCH_BYTES) continue;
      yield records;
      [records, bytes] = [[], 0];
    }
    yield records;
  }
};

/** The value of a line, what is wrong with it, or undefined for a blank one. */
type JsonLine = { readonly value: unknown } | { readonly error: AppError } | undefined;

/** Reads one line of UTF-8 (CRLF is accepted) of the file `path`; never throws. */
export function parseJsonLine(raw: RawLine, path: string): JsonLine {
  const fault = lineFault(raw, path, notJsonlHint(), true);
  if (fault) return { error: fault };
  const text = raw.bytes!.toString('utf8').trim();
  if (text === '') return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const hint = text.startsWith('[') ? jsonListHint() : notJsonlHint();
    const problem = say`The line is not one JSON object: ${jsonProblem(text, error as Error)}`;
    return { error: badRow(`${path}:${raw.line}`, problem, hint) };
  }
}

const notJsonlHint = () =>
  say`Each line needs one complete JSON object, such as ${'{"prompt": "…", "completion": "…"}'}.`;
