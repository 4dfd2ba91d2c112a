/** Takes the steps of a drill until it ends or is stopped; who drives it says how a model is asked and a run trained. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { AppError } from '../../../common/errors.ts';
import type { DrillState, JudgedAnswer } from '../../../common/extras/rules/drill.ts';
import type { Rule } from '../../../common/extras/rules/rules.ts';
import { needsAnswers } from '../../../common/extras/rules/rules.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { plural } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { DataConfig } from '../../engine/config/config.ts';
import type { InputOf } from '../../engine/session/call-table.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import { nextStep, type Step, stateOf } from './drill.ts';
import { type Head, Journal } from './journal.ts';

type Engine = Pick<EngineCalls, 'drillRows' | 'prompts' | 'aside'>;
type Asked = InputOf<'drillAnswers'>['asked'][number]['of'];

export interface DrillIo {
  readonly stop: AbortSignal | undefined;
  /** The model of a run, or the base model (null). */
  filesOf(run: string | null): Pick<InputOf<'drillAnswers'>, 'model' | 'adapter' | 'executor' | 'threads'>;
  /** Trains the rows; gives where the run is, or null where it was stopped. */
  train(step: Extract<Step, { do: 'train' }>): Promise<string | null>;
  begins(step: Exclude<Step, { do: 'end' }>): void;
  answered(answer: JudgedAnswer): void;
  emit(event: CallEvent): void;
}

/** Gives the last state, which is done unless it was stopped. */
export async function driveDrill(journal: Journal, engine: Engine, io: DrillIo): Promise<DrillState> {
  for (;;) {
    if (io.stop?.aborted) return stateOf(journal);
    const step = nextStep(journal);
    if (step.do === 'end') return step.state;
    io.begins(step);
    if (step.do === 'ask') await ask(journal, step, engine, io);
    else {
      const run = await io.train(step);
      if (run === null) return stateOf(journal);
      const { round, kind, rows } = step;
      await journal.addTrained({ round, kind, rows: rows.length, run });
    }
  }
}

async function ask(
  journal: Journal,
  { round, run, asked, isTest }: Extract<Step, { do: 'ask' }>,
  engine: Engine,
  { stop, filesOf, answered, emit }: DrillIo,
): Promise<void> {
  const { rules, rows, temperature, maxNewTokens, seed } = journal.head;
  let written: Promise<unknown> = Promise.resolve();
  // an answer that can't be kept is asked again, so that more of them are for nothing
  const unkept = new AbortController();
  const signal = stop ? AbortSignal.any([stop, unkept.signal]) : unkept.signal;
  const onEvent = (event: CallEvent) => {
    if (!('judged' in event)) return emit(event);
    const { judged } = event;
    written = written.then(() => journal.answered(round, judged));
    written.catch(() => unkept.abort());
    answered(judged);
  };
  const given = asked.map(({ row, samples }) => ({ row, samples, of: rows[row]! as Asked }));
  const input = {
    ...filesOf(run),
    rules,
    asked: given,
    maxNewTokens,
    seed: seed + round,
    temperature: isTest ? 0 : temperature,
  };
  try {
    await engine.aside('drillAnswers', input, { signal, onEvent });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await written;
  }
}

const MOST_ROWS = 5000;
const FEWEST_ROWS = 20;
/** Questions that are never learned: a quarter, within these. */
const TEST = { share: 0.25, least: 10, most: 100 };

export interface DrillWish extends Omit<Head, 'fettle' | 'version' | 'created' | 'rows' | 'test'> {
  readonly data: DataConfig;
  /** Files of questions that are for testing alone; otherwise a part of the rows is. */
  readonly evalData?: DataConfig['data'] | undefined;
}

/** The questions of rows, or questions that stand alone. Throws an AppError where there are none. */
export async function questionsOf(
  data: DataConfig,
  engine: Engine,
  signal?: AbortSignal,
): Promise<readonly Asked[]> {
  const rows = await engine.drillRows({ data, most: MOST_ROWS }, { signal });
  if (rows.length > 0) return rows;
  const alone = await engine.prompts({ paths: [data.data].flat(), most: MOST_ROWS }, { signal });
  const system = data.system === undefined ? [] : [{ role: 'system' as const, content: data.system }];
  if (alone.length > 0) return alone.map((turns) => ({ turns: [...system, ...turns] }));
  throw new AppError(
    'no-prompts',
    say`No questions were found there.`,
    say`Choose a file with a question in each row.`,
  );
}

/** The drill in `file`, begun where there is none. Throws an AppError where it is about other rows or rules. */
export async function openDrill(
  file: string,
  { data, evalData, ...about }: DrillWish,
  engine: Engine,
  signal?: AbortSignal,
): Promise<Journal> {
  const questions = await questionsOf(data, engine, signal);
  const kept = evalData ? await questionsOf({ ...data, data: evalData }, engine, signal) : [];
  const isKept = new Set(kept.map(({ turns }) => JSON.stringify(turns)));
  const practised = questions.filter(({ turns }) => !isKept.has(JSON.stringify(turns)));
  const rows = [...practised, ...kept] as Head['rows'];
  requireFit(rows, about.rules);
  const test = evalData ? kept.map((_, i) => practised.length + i) : testRows(rows.length, about.seed);
  if (!existsSync(file)) return await Journal.create(file, { ...about, rows, test });
  const journal = await Journal.open(file);
  const same = ({ rules, rows: of, samples, seed }: Pick<Head, 'rules' | 'rows' | 'samples' | 'seed'>) =>
    JSON.stringify([rules, of, samples, seed]);
  if (same(journal.head) === same({ ...about, rows })) return journal;
  throw new AppError(
    'path-exists-drill',
    say`${file} was begun with other rows or rules.`,
    say`Choose another folder, or delete that file.`,
  );
}

function requireFit(rows: Head['rows'], rules: readonly Rule[]): void {
  if (rows.length < FEWEST_ROWS)
    throw new AppError(
      'bad-data-rows',
      say`${plural(rows.length, 'row')}: too few to practise on and to test with.`,
      say`Give at least ${FEWEST_ROWS}.`,
    );
  if (needsAnswers(rules) && rows.some(({ answer }) => answer === undefined))
    throw new AppError(
      'bad-rule',
      say`This rule compares with the row’s answer, and there are rows without one.`,
      say`Give rows with answers, or choose another rule.`,
    );
}

/** Spread over all rows, in an order that follows from the seed. */
function testRows(count: number, seed: number): number[] {
  const wanted = Math.min(TEST.most, Math.max(TEST.least, Math.round(count * TEST.share)));
  const key = (row: number) => createHash('sha256').update(`drill ${seed} ${row}`).digest('hex');
  const drawn = Array.from({ length: count }, (_, row) => ({ row, key: key(row) }));
  drawn.sort((a, b) => (a.key < b.key ? -1 : 1));
  return drawn
    .slice(0, wanted)
    .map(({ row }) => row)
    .sort((a, b) => a - b);
}
