/** What `fettle vectors` and `fettle reranker` share: asking the engine, measuring how well test queries find their passages, and saying so. */
import path from 'node:path';
import { METHODS } from '../../../common/extras/find/reading-runs.ts';
import type { Measured, RerankerTrained, TrainingPrice } from '../../../common/extras/find/vectors.ts';
import { nextWithReader } from '../../../common/settings/reading-runs.ts';
import { about, bytes, plainSpaces, shellWord } from '../../../common/words/format.ts';
import { energyWords } from '../../../common/words/run.ts';
import { withHistory } from '../../app/history.ts';
import { askHere, type WorkIo } from '../../app/work-here.ts';
import { withTimeLeft } from '../../changes.ts';
import { type Arguments, wantsJson } from '../../cli/arguments.ts';
import { EXIT, type Streams } from '../../cli/command.ts';
import { printResult } from '../../cli/display.ts';
import { duration, number, plural, within } from '../../cli/words.ts';
import { progressTo } from './find-command.ts';
import { namedWay, scoresTable } from './rank-command.ts';
import { keepFigures, recordTrained, type TrainingOrder, trainMeasured } from './training.ts';

/**
 * Trains, says its price before the first step, measures, and takes it into the history. Ctrl-C ends a training after its step; what it has
 * learned is kept, and not measured.
 */
export async function trainHere(
  asked: TrainingOrder,
  args: Arguments,
  streams: Streams,
  text: Pick<Trainer, 'order'>,
): Promise<number> {
  const warn = (line: string) => void (wantsJson(args) || streams.err.write(`${plainSpaces(line)}\n`));
  const work = ({ emit = () => {}, stop }: WorkIo) =>
    askHere((engine) =>
      trainMeasured(asked, {
        engine,
        finish: stop,
        tell: progressTo(emit),
        onEvent: withTimeLeft((event) => {
          if ('priced' in event) warn(priceLine(event.priced));
          else emit(event);
        }),
      }),
    );
  const trained = await printResult(args, streams, work, (result) =>
    trainedText(result, { ...asked, ...text }),
  );
  const result = trained.result;
  await keepFigures(result);
  await withHistory(warn, (store) => void recordTrained(store, asked, result));
  return EXIT.ok;
}

/** Estimated 2 minutes and 1.1 GB of memory: … */
export function priceLine({
  seconds,
  measuringSeconds,
  bytes: size,
  tokensPerSecond,
}: TrainingPrice): string {
  const measuring = measuringSeconds > 0 ? `, then ${about(measuringSeconds)} to measure it` : '';
  return `Estimated: ${about(seconds)} to train${measuring}; ${bytes(size)} of memory. Measured for it: the encoder reads ${number(Math.round(tokensPerSecond))} tokens of these rows a second.`;
}

const INDENT = '            ';

interface Trainer {
  readonly trainer: TrainingOrder['trainer'];
  readonly config: TrainingOrder['config'];
  /** What the order of scored pairs means. */
  readonly order: string;
}

/** A file as one writes it in a shell. */
const short = (file: string) => shellWord(path.relative('', file) || file);

/** The command that trains on from where a training was stopped. */
function goOn({ trainer, config: { data, out } }: Trainer): string {
  const files = [data].flat().map((file) => `--data ${short(file)}`);
  return `fettle ${trainer} ${files.join(' ')} --model ${short(out)} --out ${short(`${out}-2`)}`;
}

export function trainedText(
  result: Measured & Partial<Pick<RerankerTrained, 'pairs'>>,
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
    took,
    pairs,
    general,
  } = result;
  const energy = energyWords({ energy: took.energy, trainedTokens: took.tokens });
  const findingLines = findings.map(
    ({ message }, i) => `${i === 0 ? 'Rows        ' : INDENT}${within(message, INDENT)}`,
  );
  const from = pairs === undefined ? '' : ` (${plural(pairs, 'pair')})`;
  const isStopped = steps < plannedSteps;
  return [
    ...findingLines,
    `Learned     from ${plural(rows.taught, 'row')}${from} in ${plural(steps, 'step')}, loss ${losses.first.toFixed(3)} to ${losses.last.toFixed(3)}`,
    ...(isStopped ? [`Stopped     after ${number(steps)} of ${plural(plannedSteps, 'step')}`] : []),
    ...(mined > 0 ? [`Negatives   ${number(mined)} found`] : []),
    ...(rows.unreadable > 0 ? [`Left out    ${number(rows.unreadable)} unreadable`] : []),
    ...foundLines(result, trainer.order),
    ...(general
      ? [
          `In general  ${general.before.toFixed(3)} before, ${general.after.toFixed(3)} after: order of everyday sentences by how alike they are`,
          `${INDENT}lost ${general.lost.value.toFixed(3)} (${general.lost.low.toFixed(3)} to ${general.lost.high.toFixed(3)})`,
        ]
      : []),
    `Written     ${within(out, INDENT)} (${bytes(size)})`,
    `Time        ${tookText(result)}`,
    `Memory      ${bytes(took.peakBytes)} at most (${bytes(took.price.bytes)} estimated)`,
    ...(energy ? [`Energy      ${energy}`] : []),
    '',
    ...(isStopped ? ['To go on from there:', `  ${goOn(trainer)}`, ''] : []),
    ...(nextWithReader({
      method: METHODS[trainer.trainer],
      folder: path.relative('', out) || out,
      config: { ...trainer.config },
    }) ?? []),
    '',
  ].join('\n');
}

/** Seconds in all, and those of the steps beside what they were estimated to take. */
function tookText({ seconds, took: { stepSeconds, price } }: Measured): string {
  return `${duration(seconds)}, of it ${duration(stepSeconds)} for the steps (${duration(price.seconds)} estimated)`;
}

function foundLines({ found, order, rows }: Measured, meaning: string): string[] {
  if (order)
    return [`Order       ${order.before.toFixed(3)} before, ${order.after.toFixed(3)} after: ${meaning}`];
  if (!found) return [`Measured    nothing: ${rows.held > 0 ? 'it was stopped' : 'no row was held out'}`];
  const head = `${plural(found.chance.questions, 'test query', 'test queries')}, each asked of ${plural(found.passages, 'passage')}`;
  const lines = scoresTable([{ ...found.chance, name: 'chance' }, ...found.by.map(namedWay)]);
  return [`Found       ${head}`, ...lines.map((line) => `${INDENT}${line}`)];
}
