/** `fettle rows`: a model on this computer writes questions with answers about documents. */
import type { CallEvent, RowsResult } from '../../common/protocol/protocol.ts';
import { DOCUMENT_SETTINGS } from '../../common/settings/commands.ts';
import { prepareEndpoint } from '../app/endpoint.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseDocumentConfig } from '../engine/config/config.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { duration, plural, within } from './words.ts';

const EXAMPLE = 'fettle rows --from manual.pdf --model models/SmolLM3-3B.gguf --out rows.jsonl';

const FLAGS: readonly Flag[] = [...flagsOf(DOCUMENT_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'rows --from FILE… --model PATH|--run FOLDER --out FILE [flags]',
  about:
    'Cuts documents into passages of 100 to 400 words and has the model write questions with answers about each. A row is kept if what it quotes ' +
    'stands in its passage word for word. Read the rows before you train on them. Nothing leaves this computer.',
  examples: [EXAMPLE, 'fettle rows --from a.docx --from b.html --run runs/first --out rows.jsonl'],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'rows', example: EXAMPLE }, parseDocumentConfig);
  const { from, out, perPassage, seed, threads } = config;
  const work = async (io: WorkIo) => {
    const { file } = await prepareEndpoint(config, workHere, io);
    const asked = { from, file, perPassage, out, seed, threads };
    return workHere<RowsResult>('documents', asked, { ...io, emit: shown(io) });
  };
  const { result } = await printResult(args, streams, work, resultText);
  return result.rows > 0 ? EXIT.ok : EXIT.data;
}

/** How far it is, as the display shows other work. */
function shown({ emit = () => {} }: WorkIo): (event: CallEvent) => void {
  let rows = 0;
  return (event) => {
    if ('proposed' in event) rows++;
    if (!('passages' in event)) return emit(event);
    const { done, all } = event.passages;
    const detail = `passage ${Math.min(done + 1, all)} of ${all}, ${plural(rows, 'row')} so far`;
    emit({ event: 'phase', phase: 'read', fraction: done / Math.max(1, all), detail });
  };
}

function resultText({ documents, passages, rows, leftOut, out, seconds }: RowsResult): string {
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
