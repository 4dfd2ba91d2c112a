/**
 * JSON files that are one list of records, or an object that holds such a list, or several objects one after the
 * other. They are read token by token: a list of two gigabytes needs the memory of its largest record.
 */
import { basename } from 'node:path';
import { none } from 'stream-chain/defs.js';
import { Assembler } from 'stream-json/assembler.js';
import { jsonParser, type Token } from 'stream-json/parser.js';
import { AppError } from '../../../errors.ts';
import { decodedChunks } from './encoding.ts';
import type { RawRecord, Reader } from './reader.ts';

/** Text of one record, in characters. */
const MAX_RECORD_CHARS = 64 * 1024 * 1024;

/** Lists under these names are turns of one conversation, not records. */
const TURN_LISTS = new Set(
  'messages conversations conversation turns dialog dialogue chat history prompt completion chosen rejected'.split(
    ' ',
  ),
);
/** Lists under these names are for measuring; another list of the same object is read before them. */
const MEASURED = /^(test|val|valid|validation|eval|dev|holdout|held_?out)/i;

/** Where the records are: in the list at the top, in the list under a key, or they are the values at the top. */
type Place = { readonly at: 'top' | 'values' } | { readonly at: 'key'; readonly key: string };

/** Reads JSON that is not line by line. */
export const readJson: Reader = async function* (source, context) {
  const quiet = { ...context, note: () => {} };
  const { place, others } = await findRecords(source.path, decodedChunks(source, quiet));
  if (place.at === 'key') context.note(listNote(source.path, place.key, others));
  const collector = new RecordCollector(place);
  let count = 0;
  for await (const tokens of jsonTokens(source.path, decodedChunks(source, context), collector)) {
    const records: RawRecord[] = [];
    for (const token of tokens) {
      if (!collector.take(token)) continue;
      count++;
      const where = `${source.path}, record ${count}`;
      records.push({ value: collector.record, where, doneBytes: source.position() });
    }
    yield records;
  }
};

function listNote(path: string, key: string, others: readonly string[]) {
  const rest = others.length === 0 ? '' : ` Not read: ${others.map((name) => `"${name}"`).join(', ')}.`;
  const message = `The rows of ${basename(path)} are the list "${key}" of its object.${rest}`;
  return { code: 'data-list', message, ...(rest === '' && { expected: true as const }) };
}

/** The records of a short text, for a look at it; undefined where it is not JSON or not complete. */
export function holdsList(value: unknown): boolean {
  if (Array.isArray(value)) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(
    ([key, list]) =>
      !TURN_LISTS.has(key) && Array.isArray(list) && typeof list[0] === 'object' && list[0] !== null,
  );
}

/** Follows the tokens and puts those of each record together. */
class RecordCollector {
  readonly #place: Place;
  #depth = 0;
  #key = '';
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
    if (token.name === 'keyValue' && this.#depth === 1) this.#key = token.value;
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

  #isRecordLevel(): boolean {
    const place = this.#place;
    if (place.at === 'key') return this.#depth === 2 && this.#key === place.key;
    return this.#depth === (place.at === 'top' ? 1 : 0);
  }
}

/** Reads as far as needed to know where the records are; `others` are lists seen that are not taken. */
async function findRecords(
  path: string,
  chunks: AsyncGenerator<Buffer>,
): Promise<{ place: Place; others: string[] }> {
  const lists: string[] = [];
  const chosen = () => lists.find((key) => !MEASURED.test(key)) ?? lists[0];
  let depth = 0;
  let key = '';
  let before = '';
  for await (const tokens of jsonTokens(path, chunks)) {
    for (const { name, ...token } of tokens) {
      if (depth === 0 && name === 'startArray') return { place: { at: 'top' }, others: [] };
      if (name === 'keyValue' && depth === 1) key = String((token as { value: unknown }).value);
      const opensList = depth === 2 && before === 'startArray' && name === 'startObject';
      if (opensList && !TURN_LISTS.has(key)) lists.push(key);
      if (opensList && lists.length > 0 && !MEASURED.test(lists.at(-1)!)) break;
      if (name === 'startObject' || name === 'startArray') depth++;
      if (name === 'endObject' || name === 'endArray') depth--;
      before = name;
    }
    if (lists.some((list) => !MEASURED.test(list))) break;
  }
  const taken = chosen();
  if (taken === undefined) return { place: { at: 'values' }, others: [] };
  return { place: { at: 'key', key: taken }, others: lists.filter((list) => list !== taken) };
}

/** The tokens of a JSON text, some at a time; one text may follow another. A mistake in it is an `AppError`. */
async function* jsonTokens(
  path: string,
  chunks: AsyncGenerator<Buffer>,
  collector?: { readonly isBetween: boolean },
): AsyncGenerator<readonly Token[]> {
  const parse = jsonParser({ streamValues: false, jsonStreaming: true });
  const decoder = new TextDecoder();
  let line = 1;
  let chars = 0;
  const feed = (input: string | typeof none): readonly Token[] => {
    try {
      const parsed = parse(input as string) as { values: Token[] } | typeof none;
      return parsed === none ? [] : parsed.values;
    } catch (cause) {
      throw jsonMistake(path, line, input === none, cause);
    }
  };
  for await (const chunk of chunks) {
    // line by line, so that a mistake can be given its line
    for (const piece of decoder.decode(chunk, { stream: true }).split(/(?<=\n)/)) {
      yield feed(piece);
      chars = collector === undefined || collector.isBetween ? 0 : chars + piece.length;
      if (chars > MAX_RECORD_CHARS) throw tooLong(path, line);
      if (piece.endsWith('\n')) line++;
    }
  }
  const rest = decoder.decode();
  if (rest !== '') yield feed(rest);
  yield feed(none);
}

function jsonMistake(path: string, line: number, ended: boolean, cause: unknown): AppError {
  const reason = (cause as Error).message.replace(/^.*cannot parse input: /, '');
  const what = ended ? 'the JSON text ends too early' : `the JSON text has a mistake (${reason})`;
  const hint = ended
    ? 'It was probably not copied completely: copy or download it again.'
    : 'Check quotes, commas and brackets there. In JSON Lines, one record on each line, a broken record can be skipped.';
  return new AppError('data-damaged', `${path}:${line}: ${what}.`, hint, { cause });
}

function tooLong(path: string, line: number): AppError {
  const message = `${path}:${line}: expected records of at most 64 MB, got a longer one.`;
  return new AppError('data-too-large', message, 'Check that the brackets of the list are right.');
}
