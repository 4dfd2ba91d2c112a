/** `fettle rank`: how well words and encoders find the passages that answer the questions of a file. */
import path from 'node:path';
import type { FindJudged } from '../../../common/extras/find/vectors.ts';
import type { RankingScores } from '../../../common/ranking.ts';
import { askHere, type WorkIo } from '../../app/work-here.ts';
import { type Arguments, type Flag, HELP_FLAG, JSON_FLAG } from '../../cli/arguments.ts';
import { type Command, EXIT, type Streams } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { plural, printable } from '../../cli/words.ts';
import { chosenEncoders, chosenReranker, ENCODER_FLAG, RERANKER_FLAG } from './encoder-flag.ts';
import { progressTo } from './find-command.ts';
import { gathered, judgeFinding } from './judging.ts';

const FLAGS: readonly Flag[] = [
  ENCODER_FLAG,
  RERANKER_FLAG,
  {
    name: 'map',
    group: 'Finding',
    about: 'which column is the question and which the passage, where that is not found',
    value: 'MAP',
    fallback: 'as for training',
    alsoCalled: ['columns'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'rank FILE… [--encoder PATH] [flags]',
  about:
    'Each row has a question and the passage that answers it; rows with the same question have several. Each question is asked of all passages of the ' +
    'file. nDCG@10 and MRR say how high the right passages stand, recall how many are found, for counting words (BM25) and each encoder.',
  examples: [
    'fettle rank questions.csv --map prompt=question,answer=passage',
    'fettle rank questions.jsonl --encoder models/MiniLM --encoder runs/first/model',
    'fettle rank questions.jsonl --encoder models/MiniLM --reranker rerankers/mine',
  ],
  flags: FLAGS,
  positionals: ['FILE…'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const files = args.positionals.map((one) => path.resolve(one));
  const map = args.values.get('map') as string | undefined;
  const work = ({ emit = () => {}, stop: signal }: WorkIo) =>
    askHere(async (engine) => {
      const [encoders, reranker] = [await chosenEncoders(args, engine), await chosenReranker(args)];
      const asked = gathered(await engine.questions({ data: files, map }, { signal }));
      const io = { engine, signal, tell: progressTo(emit) };
      const { each: _, ...judged } = await judgeFinding(asked, { encoders, reranker }, io);
      return judged;
    });
  await printResult(args, streams, work, judgedText);
  return EXIT.ok;
}

/** A table of how well each way finds. */
export function scoresTable(rows: readonly (RankingScores & { readonly name: string })[]): string[] {
  const wide = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.map(
    ({ name, ndcg10, mrr, recall10, recall100 }) =>
      `${name.padEnd(wide)}  ${[ndcg10, mrr, recall10, recall100].map((value) => value.toFixed(3).padStart(12)).join('')}`,
  );
  const columns = ['nDCG@10', 'MRR', 'recall@10', 'recall@100'].map((name) => name.padStart(12)).join('');
  return [`${' '.repeat(wide)}  ${columns}`, ...lines];
}

/** A way of finding as a row of that table. */
export function namedWay<Way extends FindJudged['by'][number]>(way: Way): Way & { readonly name: string } {
  const name = way.encoder === null ? 'words (BM25)' : printable(way.encoder);
  return { ...way, name: way.isReranker ? `then ${name}` : name };
}

function judgedText({ by, passages }: FindJudged): string {
  const head = `${plural(by[0]?.questions ?? 0, 'question')}, ${plural(passages, 'passage')}`;
  return [head, ...scoresTable(by.map(namedWay)), ''].join('\n');
}
