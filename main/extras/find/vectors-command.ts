/** `fettle vectors`: trains an encoder on queries and their passages, and measures how well it finds before and after. */
import path from 'node:path';
import type { FindJudged } from '../../../common/extras/find/calls.ts';
import { VECTOR_SETTINGS } from '../../../common/extras/find/vector-settings.ts';
import type { VectorsTrained } from '../../../common/extras/find/vectors.ts';
import { chanceScores } from '../../../common/ranking.ts';
import { bytes, shellWord } from '../../../common/words/format.ts';
import { askHere, type WorkIo } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { EXIT } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { commandOf } from '../../cli/settings.ts';
import { duration, number, plural, within } from '../../cli/words.ts';
import { parserOf } from '../../engine/config/config.ts';
import { toldAs } from './find-command.ts';
import { judgeFinding } from './judging.ts';
import { scoresTable } from './rank-command.ts';

const parse = parserOf(VECTOR_SETTINGS);

/** What was trained, and how well it finds beside the encoder before, counting words, and chance. */
type Result = Omit<VectorsTrained, 'asked' | 'passages'> & {
  readonly found: (FindJudged & { readonly chance: ReturnType<typeof chanceScores> }) | null;
};

export const command = commandOf({
  name: 'vectors',
  settings: VECTOR_SETTINGS,
  parse,
  usage: 'vectors --data FILE --model ENCODER --out FOLDER [flags]',
  about:
    'Each row has a query and the passage that answers it, such as a question and its answer. The encoder learns to tell that passage from the other ' +
    'passages of a step. A column “negative” has passages that look right and are not; with a column “score” the rows are pairs of texts that are more or ' +
    'less alike. Test queries are asked of all passages of the rows, before and after. The folder opens in sentence-transformers, and in `fettle find`.',
  examples: [
    'fettle vectors --data questions.csv --model models/MiniLM --out encoders/mine',
    'fettle vectors --data pairs.jsonl --model models/MiniLM --out encoders/mine --hard-negatives 2',
    'fettle vectors --data pairs.csv --map prompt=title,answer=body --model models/MiniLM --out encoders/mine',
  ],
  async run(config, args, streams) {
    const work = ({ emit = () => {}, stop: signal }: WorkIo) =>
      askHere(async (engine): Promise<Result> => {
        const onEvent = withTimeLeft(emit);
        const { asked, passages, ...trained } = await engine.trainVectors(config, { signal, onEvent });
        if (asked.length === 0) return { ...trained, found: null };
        const encoders = [
          { name: 'before', path: config.model },
          { name: 'after', path: config.out },
        ];
        const judged = await judgeFinding(asked, encoders, { engine, signal, tell: toldAs(emit) }, passages);
        const answers = asked.map((one) => one.passages.length);
        return { ...trained, found: { ...judged, chance: chanceScores(answers, judged.passages) } };
      });
    await printResult(args, streams, work, resultText);
    return EXIT.ok;
  },
});

const INDENT = '            ';

function resultText(result: Result): string {
  const { rows, findings, mined, steps, losses, out, bytes: size, seconds } = result;
  const told = findings.map(
    ({ message }, i) => `${i === 0 ? 'Rows        ' : INDENT}${within(message, INDENT)}`,
  );
  return [
    ...told,
    `Learned     from ${plural(rows.taught, 'row')} in ${plural(steps, 'step')}, loss ${losses.first.toFixed(3)} to ${losses.last.toFixed(3)}`,
    ...(mined > 0 ? [`Negatives   ${number(mined)} found`] : []),
    ...(rows.unreadable > 0 ? [`Left out    ${number(rows.unreadable)} unreadable`] : []),
    ...foundLines(result),
    `Written     ${within(out, INDENT)} (${bytes(size)})`,
    `Time        ${duration(seconds)}`,
    '',
    'To find with it, and to save it for other programs:',
    `  fettle find FOLDER "question" --encoder ${shellWord(path.relative('', out) || out)}`,
    `  fettle export --model ${shellWord(path.relative('', out) || out)} --as onnx --out encoder-onnx`,
    '',
  ].join('\n');
}

function foundLines({ found, order }: Result): string[] {
  if (order)
    return [
      `Order       ${order.before.toFixed(3)} before, ${order.after.toFixed(3)} after: 1 where cosines stand as the scores (Spearman)`,
    ];
  if (!found) return ['Measured    nothing: no row was held out'];
  const named = found.by.map((one) => ({
    ...one,
    name: one.encoder === null ? 'words (BM25)' : one.encoder,
  }));
  const head = `${plural(found.chance.questions, 'test query', 'test queries')}, each asked of ${plural(found.passages, 'passage')}`;
  const lines = scoresTable([{ ...found.chance, name: 'chance' }, ...named]);
  return [`Found       ${head}`, ...lines.map((line) => `${INDENT}${line}`)];
}
