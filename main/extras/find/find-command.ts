/** `fettle find`: brings the index of a folder up to date, and shows the passages that answer a question. */
import path from 'node:path';
import type { FoundBy, FoundPassage, IndexNews, IndexResult } from '../../../common/extras/find/calls.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { askHere, type WorkIo } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG } from '../../cli/arguments.ts';
import { type Command, EXIT, type Streams } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { duration, number, plural, printable } from '../../cli/words.ts';
import { dataFolder } from '../../paths.ts';
import { Asking } from './asking.ts';
import { chosenEncoders, chosenReranker, ENCODER_FLAG, RERANKER_FLAG } from './encoder-flag.ts';
import { requireFolder, withIndex } from './finder.ts';
import { indexPath, removeIndex } from './index-file.ts';
import { updateIndex } from './indexing.ts';

const FLAGS: readonly Flag[] = [
  ENCODER_FLAG,
  RERANKER_FLAG,
  {
    name: 'most',
    group: 'Finding',
    about: 'passages to show for each way of finding',
    value: 'N',
    fallback: '5',
    alsoCalled: ['top-k', 'limit', 'k', 'n'],
  },
  {
    name: 'words',
    group: 'Finding',
    about: 'find by words alone, without an encoder',
    alsoCalled: ['bm25', 'keywords'],
  },
  {
    name: 'forget',
    group: 'Finding',
    about: 'remove the index of the folder; its files stay',
    alsoCalled: ['remove', 'delete'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'find FOLDER [QUESTION] [flags]',
  about:
    'Cuts the documents and tables of a folder into passages of up to 120 words, which an encoder reads once. Asked again, it reads what is new or ' +
    'changed. Beside what the encoder finds stands what counting words finds (BM25). Ctrl-C keeps what is read. Nothing leaves this computer.',
  examples: [
    'fettle find ~/Documents/contracts "When can we end the lease?"',
    'fettle find manuals "reset the router" --encoder models/MiniLM --encoder runs/first/model',
    'fettle find manuals "reset the router" --reranker rerankers/mine',
    'fettle find manuals --forget',
  ],
  flags: FLAGS,
  positionals: ['FOLDER…'],
  run,
};

interface Found {
  readonly folder: string;
  readonly index: IndexResult;
  readonly question: string | null;
  readonly by: readonly FoundBy[];
  readonly seconds: number;
}

async function run(args: Arguments, streams: Streams): Promise<number> {
  const [given = '', ...words] = args.positionals;
  const chosen = path.resolve(given);
  const file = indexPath(dataFolder(), chosen);
  if (args.values.get('forget') === true) {
    removeIndex(file);
    streams.out.write(`The index of ${printable(chosen)} is gone.\n`);
    return EXIT.ok;
  }
  const question = words.join(' ').trim();
  const folder = await requireFolder(chosen);
  const most = mostOf(args.values.get('most'));
  const work = ({ emit = () => {}, stop: signal }: WorkIo) =>
    askHere(async (engine): Promise<Found> => {
      const started = performance.now();
      const encoders = args.values.get('words') === true ? [] : await chosenEncoders(args, engine);
      const reranker = await chosenReranker(args);
      const tell = progressTo(emit);
      return await withIndex(file, chosen, async (index) => {
        const result = await updateIndex(index, { folder, encoders }, { engine, signal, tell });
        const asking = new Asking(engine);
        const options = { encoders, reranker, most, signal };
        const by = question === '' ? [] : await asking.ask(index, question, options);
        const seconds = (performance.now() - started) / 1000;
        return { folder, index: result, question: question || null, by, seconds };
      });
    });
  await printResult(args, streams, work, foundText);
  return EXIT.ok;
}

const MOST_SHOWN = 100;

function mostOf(value: unknown): number {
  const most = Math.floor(Number(value ?? 5));
  return most >= 1 ? Math.min(most, MOST_SHOWN) : 5;
}

/** Progress as the display shows other work. */
export function progressTo(emit: (event: CallEvent) => void): (news: IndexNews) => void {
  const emitTimed = withTimeLeft(emit);
  return (news) => {
    const fraction = news.done / Math.max(1, news.total);
    const detail =
      news.kind === 'files'
        ? path.basename(news.name)
        : `${news.encoder}: ${number(news.done)} of ${plural(news.total, 'passage')}${speed(news)}`;
    emitTimed({ event: 'phase', phase: news.kind === 'files' ? 'read' : 'evaluate', fraction, detail });
  };
}

const speed = ({ done, seconds }: { readonly done: number; readonly seconds: number }) =>
  done > 0 && seconds > 0 ? `, ${number(Math.round(done / seconds))} a second` : '';

function foundText({ index, question, by, seconds }: Found): string {
  const { files, passages, leftOut, read } = index;
  const lines = [
    `Folder    ${plural(files, 'file')}, ${plural(passages, 'passage')}`,
    ...read.map(
      (one) =>
        `Read      ${plural(one.passages, 'passage')} by ${printable(one.encoder)}${one.passages > 0 ? ` in ${duration(one.seconds)}${speed({ done: one.passages, seconds: one.seconds })}` : ''}`,
    ),
    ...leftOut.slice(0, 5).map((one) => `Left out  ${printable(one.path)}: ${printable(one.why)}`),
    ...(leftOut.length > 5 ? [`          and ${plural(leftOut.length - 5, 'file')} more`] : []),
    `Time      ${duration(seconds)}`,
  ];
  if (question === null) return `${lines.join('\n')}\n`;
  for (const { encoder, isReranker, passages: found, ms } of by) {
    const way = isReranker ? 'Read again by' : 'By meaning:';
    lines.push(
      '',
      `${encoder === null ? 'By words (BM25)' : `${way} ${printable(encoder)}`}, ${Math.round(ms)} ms`,
    );
    lines.push(...found.flatMap(passageLines));
    if (found.length === 0) lines.push('  nothing');
  }
  return `${lines.join('\n')}\n`;
}

const SHOWN_CHARS = 300;

function passageLines({ path: file, text, heading, page, row, score }: FoundPassage, i: number): string[] {
  const place = [page === null ? '' : `page ${page}`, row === null ? '' : `row ${row}`, heading].filter(
    Boolean,
  );
  const flat = text.replace(/\s+/g, ' ');
  return [
    `  ${i + 1}  ${score.toFixed(2)}  ${printable([file, ...place].join(', '))}`,
    `     ${printable(flat.length > SHOWN_CHARS ? `${flat.slice(0, SHOWN_CHARS)}…` : flat)}`,
  ];
}
