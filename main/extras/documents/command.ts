/** `fettle rows`: rows with questions and answers about documents, written by a model on this computer. */
import { writeFile } from 'node:fs/promises';
import { AppError } from '../../../common/errors.ts';
import type { ProposedRow, RowsResult } from '../../../common/extras/documents/news.ts';
import { documentRow } from '../../../common/extras/documents/row.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { prepareEndpoint } from '../../app/answering.ts';
import { askHere, type WorkIo, workHere } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { EXIT } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { commandOf } from '../../cli/settings.ts';
import { duration, plural, within } from '../../cli/words.ts';
import { parserOf } from '../../engine/config/config.ts';
import { refuseExisting } from '../../folders.ts';
import { readDocuments } from './documents.ts';
import { DOCUMENT_SETTINGS } from './settings.ts';

const parse = parserOf(DOCUMENT_SETTINGS);

export const command = commandOf({
  name: 'rows',
  settings: DOCUMENT_SETTINGS,
  parse,
  usage: 'rows --from FILE… --model PATH|--run FOLDER --out FILE [flags]',
  about:
    'Cuts documents into passages of 100 to 400 words and has the model write questions with answers about each. A row is kept if what it quotes ' +
    'stands in its passage word for word. Read the rows before you train on them. Nothing leaves this computer.',
  examples: [
    'fettle rows --from manual.pdf --model models/SmolLM3-3B.gguf --out rows.jsonl',
    'fettle rows --from a.docx --from b.html --run runs/first --out rows.jsonl',
  ],
  async run(config, args, streams) {
    const { from, out, perPassage, seed, threads } = config;
    // before the model is prepared, which may take minutes
    refuseExisting(out);
    const work = async (io: WorkIo) => {
      const { emit = () => {}, stop: signal } = io;
      const documents = await askHere((engine) => readDocuments([from].flat(), engine, { emit, signal }));
      const { file } = await prepareEndpoint(config, workHere, io);
      const asked = { documents, file, perPassage, out, seed, threads };
      const rows: ProposedRow[] = [];
      try {
        return await workHere('documents', asked, { ...io, emit: progressOf(io, rows) });
      } catch (error) {
        throw await withKept(error, rows, out);
      }
    };
    const { result } = await printResult(args, streams, work, rowsText);
    return result.rows > 0 ? EXIT.ok : EXIT.data;
  },
});

/** How far it is, as the display shows other work; `rows` are those written so far. */
function progressOf({ emit = () => {} }: WorkIo, rows: ProposedRow[]): (event: CallEvent) => void {
  const tell = withTimeLeft(emit);
  return (event) => {
    if ('proposed' in event) rows.push(event.proposed);
    if (!('passages' in event)) return emit(event);
    const { done, all } = event.passages;
    const detail = `passage ${Math.min(done + 1, all)} of ${all}, ${plural(rows.length, 'row')} so far`;
    tell({ event: 'phase', phase: 'read', fraction: done / Math.max(1, all), detail });
  };
}

/** Keeps the rows of a work of hours that was stopped or failed; gives the error that says so. */
export async function withKept(error: unknown, rows: readonly ProposedRow[], out: string): Promise<unknown> {
  if (rows.length === 0 || !(error instanceof AppError || isAbort(error))) return error;
  await writeFile(out, rows.map((row) => `${JSON.stringify(documentRow(row))}\n`).join(''));
  const kept = `${plural(rows.length, 'row')} written until then: ${out}`;
  return error instanceof AppError
    ? new AppError(error.code, error.message, [error.hint, kept].filter(Boolean).join(' '))
    : new AppError('stopped', 'Stopped before it was done.', kept);
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function rowsText({ documents, passages, rows, leftOut, out, seconds }: RowsResult): string {
  const left = Object.entries(LEFT_OUT).flatMap(([why, words]) => {
    const count = leftOut[why as keyof typeof leftOut];
    return count > 0 ? [`${plural(count, 'row')} ${words}`] : [];
  });
  return [
    `Documents  ${plural(documents, 'document')}, ${plural(passages, 'passage')}`,
    `Rows       ${plural(rows, 'row')}`,
    ...(left.length > 0 ? [`Left out   ${within(left.join(', '), '           ')}`] : []),
    out === null ? 'Written    nothing: try a larger model' : `Written    ${within(out, '           ')}`,
    `Time       ${duration(seconds)}`,
    '',
  ].join('\n');
}

const LEFT_OUT: Readonly<Record<keyof RowsResult['leftOut'], string>> = {
  unquoted: 'without a quote from the passage',
  foreign: 'that say what is not in the passage',
  repeated: 'like another one',
  unwritten: 'that the model did not finish',
};
