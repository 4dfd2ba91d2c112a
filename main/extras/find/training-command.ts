/** What `fettle vectors` and `fettle reranker` share: asking the engine, measuring how well test queries find their passages, and saying so. */
import path from 'node:path';
import type { FindEncoder, FindJudged } from '../../../common/extras/find/calls.ts';
import type { RerankerTrained, VectorsTrained } from '../../../common/extras/find/vectors.ts';
import { chanceScores } from '../../../common/ranking.ts';
import { bytes, shellWord } from '../../../common/words/format.ts';
import { askHere, type WorkIo } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { duration, number, plural, within } from '../../cli/words.ts';
import type { Asking as EngineAsking } from '../../runs/call-line.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { toldAs } from './find-command.ts';
import { judgeFinding } from './judging.ts';
import { namedWay, scoresTable } from './rank-command.ts';

/** What was trained, and how well it finds beside the encoder before, counting words, and chance. */
type Measured<Trained extends VectorsTrained> = Omit<Trained, 'asked' | 'passages'> & {
  readonly found: (FindJudged & { readonly chance: ReturnType<typeof chanceScores> }) | null;
};

type Named = Pick<FindEncoder, 'name' | 'path'>;

/** Ctrl-C ends a training after its step; what it has learned is kept, and not measured. */
export function trainAndMeasure<Trained extends VectorsTrained>(
  train: (engine: EngineCalls, asking: EngineAsking) => Promise<Trained>,
  ways: (engine: EngineCalls) => Promise<{ readonly encoders: readonly Named[]; readonly reranker?: Named }>,
): (io: WorkIo) => Promise<Measured<Trained>> {
  return ({ emit = () => {}, stop }) =>
    askHere(async (engine): Promise<Measured<Trained>> => {
      const asking = { ...(stop && { finish: stop }), onEvent: withTimeLeft(emit) };
      const { asked, passages, ...trained } = await train(engine, asking);
      if (asked.length === 0 || stop?.aborted) return { ...trained, found: null };
      const io = { engine, signal: stop, tell: toldAs(emit) };
      const judged = await judgeFinding(asked, await ways(engine), io, passages);
      const answers = asked.map((one) => one.passages.length);
      return { ...trained, found: { ...judged, chance: chanceScores(answers, judged.passages) } };
    });
}

const INDENT = '            ';

interface Trainer {
  readonly command: 'vectors' | 'reranker';
  readonly config: { readonly data: string | readonly string[]; readonly out: string };
  /** What the order of scored pairs means. */
  readonly order: string;
  /** The commands that use what was trained, by its folder as one writes it in a shell. */
  next(out: string): readonly string[];
}

/** A file as one writes it in a shell. */
const short = (file: string) => shellWord(path.relative('', file) || file);

/** The command that trains on from where a training was stopped. */
function goOn({ command, config: { data, out } }: Pick<Trainer, 'command' | 'config'>): string {
  const files = [data].flat().map((file) => `--data ${short(file)}`);
  return `fettle ${command} ${files.join(' ')} --model ${short(out)} --out ${short(`${out}-2`)}`;
}

export function trainedText(
  result: Measured<VectorsTrained> & Partial<Pick<RerankerTrained, 'pairs'>>,
  trainer: Trainer,
): string {
  const {
    rows,
    findings,
    mined,
    steps,
    plannedSteps,
    losses,
    out,
    bytes: size,
    seconds,
    pairs,
    general,
  } = result;
  const told = findings.map(
    ({ message }, i) => `${i === 0 ? 'Rows        ' : INDENT}${within(message, INDENT)}`,
  );
  const from = pairs === undefined ? '' : ` (${plural(pairs, 'pair')})`;
  const isStopped = steps < plannedSteps;
  return [
    ...told,
    `Learned     from ${plural(rows.taught, 'row')}${from} in ${plural(steps, 'step')}, loss ${losses.first.toFixed(3)} to ${losses.last.toFixed(3)}`,
    ...(isStopped ? [`Stopped     after ${number(steps)} of ${plural(plannedSteps, 'step')}`] : []),
    ...(mined > 0 ? [`Negatives   ${number(mined)} found`] : []),
    ...(rows.unreadable > 0 ? [`Left out    ${number(rows.unreadable)} unreadable`] : []),
    ...foundLines(result, trainer.order),
    ...(general
      ? [
          `In general  ${general.before.toFixed(3)} before, ${general.after.toFixed(3)} after: order of everyday sentences by how alike they are`,
        ]
      : []),
    `Written     ${within(out, INDENT)} (${bytes(size)})`,
    `Time        ${duration(seconds)}`,
    '',
    ...(isStopped ? ['To go on from there:', `  ${goOn(trainer)}`, ''] : []),
    ...trainer.next(short(out)),
    '',
  ].join('\n');
}

function foundLines({ found, order, rows }: Measured<VectorsTrained>, meaning: string): string[] {
  if (order)
    return [`Order       ${order.before.toFixed(3)} before, ${order.after.toFixed(3)} after: ${meaning}`];
  if (!found) return [`Measured    nothing: ${rows.held > 0 ? 'it was stopped' : 'no row was held out'}`];
  const head = `${plural(found.chance.questions, 'test query', 'test queries')}, each asked of ${plural(found.passages, 'passage')}`;
  const lines = scoresTable([{ ...found.chance, name: 'chance' }, ...found.by.map(namedWay)]);
  return [`Found       ${head}`, ...lines.map((line) => `${INDENT}${line}`)];
}
