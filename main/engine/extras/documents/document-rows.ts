/**
 * Rows from documents: a model on this computer writes questions with answers about each passage. Only those are kept whose quote stands in
 * the passage.
 */

import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { LeftOut, ProposedRow, RowsResult } from '../../../../common/extras/documents/news.ts';
import { documentRow } from '../../../../common/extras/documents/row.ts';
import type { CallEvent } from '../../../../common/protocol/protocol.ts';
import { say } from '../../../../common/words/language.ts';
import { writeStreamAtomic } from '../../../atomic.ts';
import { refuseExisting } from '../../../folders.ts';
import { usualThreads } from '../../../processes.ts';
import { LineWriter } from '../../../rows/doctor/repair-files.ts';
import type { Block } from '../../../rows/documents/block.ts';
import { MOST_WORDS, type Passage, passagesOf } from '../../../rows/documents/passages.ts';
import type { Message } from '../../../rows/messages.ts';
import { openSpeaker } from '../../chat/speaker.ts';
import { encodePrompt } from '../../data/tokens/encode.ts';
import { createTextStream } from '../../data/tokens/tokenizer/decode.ts';
import { tokenizerOf, withOpened } from '../../load/open-model.ts';
import { Distinct, quotable, ungrounded, type Written, written, writtenSchema } from './grounding.ts';

export interface DocumentBlocks {
  readonly file: string;
  readonly blocks: readonly Block[];
}

export interface DocumentRowsOptions {
  readonly documents: readonly DocumentBlocks[];
  /** A GGUF file. */
  readonly file: string;
  /** Rows that are asked of each passage. */
  readonly perPassage: number;
  /** Where rows are written to; left out: they are only told. */
  readonly out?: string;
  readonly seed?: number;
  readonly threads?: number;
}

/** The one place where text is made. */
export interface Writer {
  /** Words of a passage that it can read beside what it is told. */
  readonly passageWords: number;
  /** The JSON of a row whose quote is one of `quotes`. */
  write(messages: readonly Message[], quotes: readonly string[], stop: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

interface Io {
  emit(event: CallEvent): void;
  readonly stop: AbortSignal;
}

/** Writes rows of the documents. Throws an AppError where the model cannot be read. */
export async function documentRows(
  options: DocumentRowsOptions,
  io: Io,
  openWriter: (options: DocumentRowsOptions) => Promise<Writer> = openLlamaWriter,
): Promise<RowsResult> {
  const started = performance.now();
  const { documents, perPassage, out } = options;
  if (out !== undefined) refuseExisting(out);
  const writer = await openWriter(options);
  try {
    const asked = documents.flatMap(({ file, blocks }) =>
      passagesOf(blocks, writer.passageWords).map((passage) => ({
        passage,
        source: sourceOf(file, passage),
      })),
    );
    const author = new Author(writer, io);
    for (const [done, { passage, source }] of asked.entries()) {
      io.emit({ passages: { done, all: asked.length } });
      await author.ask(passage, source, perPassage);
    }
    const { rows, leftOut } = author;
    io.emit({ passages: { done: asked.length, all: asked.length } });
    if (out !== undefined && rows.length > 0) await writeRows(out, rows);
    const seconds = (performance.now() - started) / 1000;
    const written = rows.length > 0 ? (out ?? null) : null;
    return {
      documents: documents.length,
      passages: asked.length,
      rows: rows.length,
      leftOut,
      out: written,
      seconds,
    };
  } finally {
    await writer.close();
  }
}

class Author {
  readonly rows: ProposedRow[] = [];
  readonly leftOut: Record<LeftOut, number> = { unquoted: 0, foreign: 0, repeated: 0, unwritten: 0 };
  readonly #writer: Writer;
  readonly #io: Io;
  readonly #distinct = new Distinct();

  constructor(writer: Writer, io: Io) {
    [this.#writer, this.#io] = [writer, io];
  }

  async ask(passage: Passage, source: string, count: number): Promise<void> {
    let quotes = quotable(passage.text);
    for (let each = 0; each < count && quotes.length > 0; each++) {
      this.#io.stop.throwIfAborted();
      const json = await this.#writer.write(promptFor(passage), quotes, this.#io.stop);
      const row = written(json);
      const reason = row === null ? 'unwritten' : ungrounded(row, passage.text);
      quotes = quotes.filter((quote) => quote !== row?.quote);
      if (row === null || reason !== null) this.leftOut[reason ?? 'unwritten']++;
      else if (!this.#distinct.add(row)) this.leftOut.repeated++;
      else this.#keep({ ...row, passage: passage.text, source });
    }
  }

  #keep(row: ProposedRow): void {
    this.rows.push(row);
    this.#io.emit({ proposed: row });
  }
}

const EXAMPLE = {
  heading: 'The library',
  text: 'The library opens at nine in the morning. Books can be kept for four weeks. Children pay nothing.',
  row: {
    quote: 'Books can be kept for four weeks.',
    question: 'How long can books of the library be kept?',
    answer: 'Books of the library can be kept for four weeks.',
  } satisfies Written,
};

/**
 * The same for all rows of a passage, so it is read once; each row takes a quote that none has taken. No template lacks a place for these
 * turns, as some do for instructions.
 */
function promptFor(passage: Pick<Passage, 'text' | 'heading'>): Message[] {
  return [
    { role: 'user', content: taskFor(EXAMPLE) },
    { role: 'assistant', content: JSON.stringify(EXAMPLE.row) },
    { role: 'user', content: taskFor(passage) },
  ];
}

function taskFor({ text, heading }: Pick<Passage, 'text' | 'heading'>): string {
  return [
    `Text${heading === '' ? '' : ` (${heading})`}:\n"""\n${text}\n"""`,
    'Copy one sentence of this text as "quote". Write the "question" that it answers; name what it is about, since the reader does not see',
    'the text. Write the "answer" in one sentence, only with what the quote says. Use the language of the text. Answer as JSON.',
  ].join('\n');
}

function sourceOf(file: string, { page, heading }: Passage): string {
  const place = page === null ? [] : [say`page ${page}`];
  return [path.basename(file), ...place, ...(heading === '' ? [] : [heading])].join(', ');
}

/** Rows to train on, with what they rest on beside them. */
function writeRows(out: string, rows: readonly ProposedRow[]): Promise<void> {
  return writeStreamAtomic(out, async (file) => {
    const lines = new LineWriter(file);
    for (const row of rows) await lines.line(documentRow(row));
    await lines.finish();
  });
}

/** Tokens of a prompt and its answer, of the answer, and of what the model is told around the passage. */
const CONTEXT_TOKENS = 4096;
const ANSWER_TOKENS = 320;
const TOLD_TOKENS = 480;
/** Languages other than English, names and numbers take more. */
const TOKENS_PER_WORD = 2.5;
const LEAST_PASSAGE = 60;
const SAMPLING = { temperature: 0.4, topP: 0.9 };

async function openLlamaWriter({ file, seed = 0, threads }: DocumentRowsOptions): Promise<Writer> {
  const tokenizer = await withOpened(file, tokenizerOf);
  const speaker = await openSpeaker({
    file,
    threads: threads ?? usualThreads(),
    contextSize: CONTEXT_TOKENS,
    atOnce: 1,
  });
  const { contextSize, close } = speaker;
  const room = Math.floor((contextSize - ANSWER_TOKENS - TOLD_TOKENS) / TOKENS_PER_WORD);
  if (room < LEAST_PASSAGE) {
    await close();
    throw new AppError(
      'model-too-short',
      say`This model reads ${contextSize} tokens at once, too few for a passage of a document.`,
      say`Choose a model that reads at least 1,000.`,
    );
  }
  let count = 0;
  return {
    passageWords: Math.min(MOST_WORDS, room),
    async write(messages, quotes, stop) {
      const grammar = await speaker.grammar(writtenSchema(quotes));
      const ids = encodePrompt(tokenizer, messages);
      const most = Math.min(ANSWER_TOKENS, contextSize - ids.length);
      if (most <= 0) return '';
      const stream = createTextStream(tokenizer);
      let [text, tokens] = ['', 0];
      await speaker.speak(ids, { ...SAMPLING, grammar, seed: seed + count++ }, stop, (id) => {
        if (tokenizer.stopIds.includes(id)) return false;
        text += stream.push(id);
        // a grammar allows white space after the end, of which some models don't tire
        return ++tokens < most && !/\}\s*$/.test(text);
      });
      return text + stream.flush();
    },
    close,
  };
}
