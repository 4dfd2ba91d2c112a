/** The examination of a head that sorts: its categories beside those that the base model finds likeliest, asked to answer with one. */
import { say } from '../../../../common/words/language.ts';
import { type LoadedAdapter, NO_ADAPTER } from '../../load/adapter.ts';
import type { ReadyModel } from '../../load/ready-model.ts';
import { sortTexts } from '../../tasks/categories.ts';
import { decoderOf } from '../cached-decoder.ts';
import { closedFigures } from '../classify/closed-set.ts';
import { type Sorter, sorterOf } from '../classify/sorter.ts';
import { likeliest } from '../generator.ts';
import { measureRows } from '../measure.ts';
import { wordsCurve } from '../rivals/learning-curve.ts';
import type { VectorRival } from '../rivals/vector-rival.ts';
import { simplerWays } from './allowed.ts';
import { answerFigures } from './asking.ts';
import { lossOf, memorisationNote } from './assess-figures.ts';
import type { GatheredRows } from './assess-rows.ts';
import { MOST_ROWS } from './budget.ts';
import type { Examined } from './examination.ts';
import type { GeneralMaterial } from './general-quiz.ts';
import { closedErrors } from './mixups.ts';
import { type AskedRow, answeredText } from './prompts.ts';
import type { MeasuredRows } from './subject.ts';
import { detectTask, MOST_LABELS, type Task } from './task.ts';
import { judge } from './verdict.ts';
import { deciding, type VerdictFigures } from './verdict-figures.ts';

interface SortedParts {
  readonly gathered: GatheredRows;
  /** The base model as it answers, and what was trained of it. */
  readonly before: ReadyModel;
  readonly after: { readonly ready: ReadyModel; readonly adapter: LoadedAdapter };
  readonly seed: number;
  readonly course: readonly number[];
  readonly source: GeneralMaterial['source'];
  readonly stop: AbortSignal;
  readonly vectors: VectorRival;
  phase(detail: string, fraction: number): void;
}

export async function examineSorted(parts: SortedParts): Promise<Examined> {
  const { gathered, before, after, seed, course, source, phase } = parts;
  const options = decoderOf(after.ready, after.adapter);
  const labels = options.model.categories!;
  const sorter = sorterOf(options, after.ready.tokenizer, labels);
  const answering = sorterOf(decoderOf(before, NO_ADAPTER), before.tokenizer, labels);
  try {
    // a base model reads every category for each row
    const most = labels.length > MOST_LABELS ? MOST_ROWS : gathered.asked.length;
    const rows = gathered.asked
      .slice(0, most)
      .filter(({ turns }) => sorter.promptOf(turns) && answering.promptOf(turns));
    const scores = await asked(sorter, rows, parts, say`Answers of the trained model`);
    const base = await asked(answering, rows, parts, say`Answers of the base model`);
    const wanted = rows.map(({ answer }) => answer.trim());
    const named = (found: readonly Float64Array[], by: Sorter) =>
      found.map((one) => by.labels[likeliest(one)]!);
    const said = { before: named(base, answering), after: named(scores, sorter) };
    const task = taskFrom(gathered.learned, labels);
    const [taught, texts] = [gathered.taught.map(answeredText), rows.map(answeredText)];
    // both are asked for a category and nothing else, so that each answer has the form of one
    const closed = closedFigures(labels, { ...said, wanted }, said);
    const rights = said.after.map((category, i) => category === wanted[i]);
    const { rivals, sorters } = await simplerWays(labels, taught, texts, rights, parts.vectors);
    const questions = { task, rows, maxNewTokens: 0, decision: null, systemPrompt: '', found: null };
    const answers =
      rows.length === 0
        ? null
        : answerFigures(
            { ...questions, prompts: { plain: [], system: [], prompt: [] }, missing: [] },
            { ...said, system: [], prompt: [] },
            null,
            seed,
          );
    const fit = gathered.heldOut && {
      training: await lossOn(gathered.training, parts),
      heldOut: await lossOn(gathered.heldOut, parts),
    };
    phase(say`Writing the report`, 1);
    const figures: VerdictFigures = {
      task: task.kind,
      ...deciding(task, answers),
      closed: rows.length === 0 ? null : closed,
      loss: null,
      quiz: null,
      passages: null,
      memorised: null,
      fit,
      course,
      rivals,
      available: 0,
    };
    return {
      task,
      loss: null,
      answers,
      ...(rows.length > 0 && { closed }),
      ...(rivals.length > 0 && { rivals }),
      memorisation: fit && {
        trainingLoss: fit.training,
        heldOutLoss: fit.heldOut,
        overlap: null,
        memorised: null,
        note: memorisationNote(task.kind),
      },
      forgetting: { source, quiz: null, passages: null, passageTopics: [] },
      verdict: judge(figures),
      figures,
      closedErrors:
        rows.length === 0
          ? null
          : {
              errors: closedErrors(labels, taught, texts, said.after),
              curve: await wordsCurve(labels, taught, { seed: 0, stop: parts.stop }),
            },
      sorters,
      prompt: null,
      notes: [],
      quick: false,
      categories: {
        labels,
        rows: scores.map((one, i) => ({ scores: one, truth: labels.indexOf(wanted[i]!) })),
      },
    };
  } finally {
    await sorter.release();
    await answering.release();
  }
}

/** The scores of `rows`. Throws the reason of an aborted stop signal. */
async function asked(
  sorter: Sorter,
  rows: readonly AskedRow[],
  { stop, phase }: SortedParts,
  detail: string,
): Promise<readonly Float64Array[]> {
  const prompts = rows.map(({ turns }) => sorter.promptOf(turns)!);
  const scores = await sorter.score(prompts, { stop, onProgress: (fraction) => phase(detail, fraction) });
  stop.throwIfAborted();
  return scores;
}

/** However seldom a category occurs: the head says which there are. */
function taskFrom(learned: GatheredRows['learned'], labels: readonly string[]): Task {
  const reason = say`it sorts into ${labels.length} categories`;
  return { ...detectTask(learned.map(({ answer }) => answer)), kind: 'label', reason, labels };
}

async function lossOn(measured: MeasuredRows, { after, seed, stop, phase }: SortedParts) {
  const rows = { task: sortTexts, batching: measured.batching };
  const tell = (fraction: number) => phase(say`Loss of the trained model`, fraction);
  return lossOf((await measureRows(after.ready, after.adapter, rows, stop, tell)).rows, seed);
}
