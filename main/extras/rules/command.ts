/** `fettle drill`: a model answers questions several times, what passes a rule is learned, and it answers again. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DrillState, JudgedAnswer, Passed } from '../../../common/extras/rules/drill.ts';
import type { CallEvent, EngineEvent } from '../../../common/protocol/protocol.ts';
import { RUN_SETTINGS } from '../../../common/settings/table.ts';
import { shellWord } from '../../../common/words/format.ts';
import { labelRun, recordAssessment } from '../../app/history.ts';
import { trainRecorded } from '../../app/train-here.ts';
import { askHere, workHere } from '../../app/work-here.ts';
import { writeFileAtomic } from '../../atomic.ts';
import {
  type Arguments,
  badUsage,
  type Flag,
  flagsOf,
  HELP_FLAG,
  JSON_FLAG,
  wantsJson,
} from '../../cli/arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../../cli/command.ts';
import { withDisplay } from '../../cli/display.ts';
import { CONFIG_FLAG, configHere, trainConfig } from '../../cli/train.ts';
import { about, number, percent, plainSpaces, plural, within } from '../../cli/words.ts';
import { RUN_FILE, type RunConfig } from '../../engine/config/config.ts';
import type { Step } from './drill.ts';
import { driveDrill, openDrill, questionsOf } from './driving.ts';
import { RULE_FORMS, ruleOf } from './rule-flag.ts';

const EXAMPLE =
  'fettle drill --model models/SmolLM2.gguf --data questions.csv --rule json=schema.json --out runs/drill';
const FILE = 'drill.jsonl';
const USUAL = { samples: 8, temperature: 0.8, maxNewTokens: 256, rounds: 4 };

const ours = (name: string, text: string, usual: number, alsoCalled: readonly string[]): Flag => ({
  name,
  about: text,
  group: 'Practice',
  value: 'N',
  fallback: String(usual),
  alsoCalled,
});

const DRILL_FLAGS: readonly Flag[] = [
  {
    name: 'rule',
    about: `what an answer must be: ${RULE_FORMS.join(', ')}. All that are given must hold`,
    group: 'Practice',
    value: 'RULE',
    required: true,
    repeats: true,
    alsoCalled: ['reward', 'verifier', 'check', 'grader'],
  },
  ours('samples', 'answers to each question in a round, from 2 to 64', USUAL.samples, [
    'k',
    'n',
    'num-generations',
  ]),
  ours('temperature', 'higher: the answers differ more', USUAL.temperature, ['temp']),
  ours('max-new-tokens', 'longest answer, in tokens; longer ones fail', USUAL.maxNewTokens, [
    'max-completion-length',
  ]),
  ours('rounds', 'rounds at most; it ends before where the score stops rising', USUAL.rounds, ['num-rounds']),
  {
    name: 'pairs',
    about: 'a last round on right answers beside wrong ones (DPO)',
    group: 'Practice',
    negatable: true,
    onByDefault: true,
    alsoCalled: ['dpo'],
  },
  ours('try', 'only show answers to so many questions, and what the rule says of them', 0, [
    'dry-run',
    'samples-only',
  ]),
];
const OUR_NAMES: ReadonlySet<string> = new Set(DRILL_FLAGS.map(({ name }) => name));

const RUN_FLAGS: readonly Flag[] = [...flagsOf(RUN_SETTINGS), CONFIG_FLAG];
const FLAGS: readonly Flag[] = [
  ...RUN_FLAGS.filter(({ name }) => !OUR_NAMES.has(name)),
  ...DRILL_FLAGS,
  JSON_FLAG,
  HELP_FLAG,
];
const DRILL = { name: 'drill', example: EXAMPLE, flags: FLAGS };
/** How the questions are read; the rows of a round are read as they are. */
const READING = ['data', 'eval-data', 'map', 'prompt-template', 'system', 'sheet'];

export const command: Command = {
  usage: 'drill --model PATH --data FILE --rule RULE --out FOLDER [flags of train]',
  about:
    'The model answers each question several times. Answers that pass the rule are learned, and the model answers again, until its score on ' +
    'questions that are kept for testing stops rising. Each round is a run of its own. Ctrl-C stops at any time; the same command continues.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --try 5`,
    `fettle drill --model models/SmolLM2.gguf --data sums.csv --rule number --out runs/sums`,
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const options = optionsOf(args);
  const base = await trainConfig(withValues(args, {}), DRILL);
  return await withDisplay(streams, wantsJson(args), async (display, stop) => {
    const note = (text: string) => display?.note(text);
    const emit = (event: CallEvent) => 'event' in event && display?.show(event as EngineEvent);
    const { out } = base;
    const wish = {
      ...options.wish,
      name: path.basename(out),
      seed: base.seed,
      data: base,
      evalData: base.evalData,
    };
    if (options.tried > 0) return await tryRule(args, streams, { ...options, base, stop, emit });
    await mkdir(out, { recursive: true });
    const { state, count } = await askHere(async (engine) => {
      const journal = await openDrill(path.join(out, FILE), wish, engine, stop);
      const { rows, test, samples, rounds } = journal.head;
      note(
        `${plural(rows.length, 'question')}: ${number(test.length)} for testing, ${number(rows.length - test.length)} to practise on with ${number(samples)} answers each, in up to ${plural(rounds, 'round')}.`,
      );
      const timer = new Timer(note, (rows.length - test.length) * samples);
      const io = {
        stop,
        emit,
        filesOf: (run: string | null) => filesOf(base, run),
        train: (step: Extract<Step, { do: 'train' }>) => train(step, args, base, { stop, emit, note }),
        begins: (step: Exclude<Step, { do: 'end' }>) => {
          timer.begins(step);
          note(stepText(step));
        },
        answered: () => {},
      };
      return { state: await driveDrill(journal, engine, io), count: journal.trained.length };
    });
    display?.close();
    const best = state.rounds.find(({ number: one }) => one === state.best)?.run ?? null;
    const verdict =
      best === null || !state.isDone || args.values.get('assess') === false
        ? null
        : await assessed(best, emit, stop, note);
    printOne(args, streams, { ...state, run: best, verdict }, () => resultText(state, best, verdict));
    if (state.isDone) return EXIT.ok;
    note(`Stopped in round ${number(count + 1)}. Nothing is lost: the same command continues.`);
    return EXIT.interrupted;
  });
}

interface Io {
  readonly stop: AbortSignal;
  emit(event: CallEvent): void;
  note(text: string): void;
}

/** Trains the rows of a round in a folder of its own, from the base model. */
async function train(
  { round, kind, rows }: Extract<Step, { do: 'train' }>,
  args: Arguments,
  base: RunConfig,
  { stop, emit, note }: Io,
): Promise<string | null> {
  const out = path.join(base.out, `round-${round}`);
  const data = path.join(base.out, `round-${round}.jsonl`);
  const resume = existsSync(path.join(out, RUN_FILE));
  if (!resume) await writeFileAtomic(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const pairs = kind === 'pairs' ? { objective: 'dpo', 'sft-weight': 1 } : {};
  const values = resume ? { resume: true } : { data: [data], assess: false, ...pairs };
  const config = await configHere(withValues(args, { ...values, out }, READING), note, DRILL);
  // the process before may have ended between the training and its line in the journal
  const isTrained = existsSync(path.join(out, 'result.json'));
  const ended = isTrained ? null : await trainRecorded({ config, resume, stop, emit }, { warn: note });
  const tag = `drill: ${path.basename(base.out)}`;
  await labelRun(out, { name: `${path.basename(base.out)}, round ${round}`, tags: [tag] });
  return ended?.event === 'stopped' ? null : out;
}

async function assessed(
  run: string,
  emit: (event: CallEvent) => void,
  stop: AbortSignal,
  note: (text: string) => void,
): Promise<string | null> {
  note('Comparing the best round with the base model. Ctrl-C skips that.');
  try {
    const result = await workHere('assess', { run }, { emit, stop });
    await recordAssessment(run, result, note);
    return [result.verdict.sentence, ...result.verdict.remarks].join(' ');
  } catch (error) {
    if (!(error instanceof AppError) && !stop.aborted) throw error;
    note(`Not compared. To compare later: fettle assess --run ${shellWord(run)}`);
    return null;
  }
}

/** Answers to a few questions, and what the rules say of them; nothing is kept. */
async function tryRule(
  args: Arguments,
  streams: Streams,
  {
    wish,
    tried,
    base,
    stop,
    emit,
  }: ReturnType<typeof optionsOf> & { base: RunConfig } & Pick<Io, 'stop' | 'emit'>,
): Promise<number> {
  const { rules, samples, temperature, maxNewTokens } = wish;
  const found: JudgedAnswer[] = [];
  const rows = await askHere(async (engine) => {
    const all = await questionsOf(base, engine, stop);
    const asked = all
      .slice(0, tried)
      .map((of, row) => ({ row, of, samples: Array.from({ length: samples }, (_, sample) => sample) }));
    const input = { ...filesOf(base, null), rules, asked, temperature, maxNewTokens, seed: base.seed };
    const onEvent = (event: CallEvent) => void ('judged' in event ? found.push(event.judged) : emit(event));
    await engine.aside('drillAnswers', input, { signal: stop, onEvent });
    return all;
  });
  found.sort((a, b) => a.row - b.row || a.sample - b.sample);
  const passed = { passed: found.filter(({ passes }) => passes).length, of: found.length };
  printOne(args, streams, { ...passed, answers: found }, () => {
    const lines = found.flatMap(({ row, text, passes, reason }, i) => [
      ...(found[i - 1]?.row === row ? [] : ['', rows[row]!.turns.at(-1)!.content]),
      `  ${passes ? 'passes' : 'fails '}  ${within(text.replace(/\s+/g, ' '), '          ')}${reason === '' ? '' : `\n          ${reason}`}`,
    ]);
    return plainSpaces(`${lines.join('\n').trimStart()}\n\n${shareText(passed)} pass.\n`);
  });
  return EXIT.ok;
}

/** Says before the first round how long its answers take, by those to the test questions. */
class Timer {
  readonly #note: (text: string) => void;
  readonly #answers: number;
  #test: { readonly began: number; readonly count: number } | null = null;

  constructor(note: (text: string) => void, answers: number) {
    this.#note = note;
    this.#answers = answers;
  }

  begins(step: Exclude<Step, { do: 'end' }>): void {
    if (step.do !== 'ask') return;
    if (step.isTest) this.#test = { began: performance.now(), count: step.asked.length };
    else if (this.#test && step.round === 1) {
      const each = (performance.now() - this.#test.began) / 1000 / this.#test.count;
      this.#note(
        `The answers of a round take at most ${about(each * this.#answers)}; a training and a test follow them.`,
      );
    }
  }
}

const filesOf = (base: RunConfig, run: string | null) => {
  const { model, executor, threads, method } = base;
  if (run === null) return { model, executor, threads };
  return method === 'full'
    ? { model: path.join(run, 'model'), executor, threads }
    : { model, adapter: run, executor, threads };
};

/** `args` of a training with other values, without what is of the drill alone. */
function withValues(
  { values, positionals }: Arguments,
  changes: object,
  without: readonly string[] = [],
): Arguments {
  const isOurs = (name: string) => OUR_NAMES.has(name) || without.includes(name);
  const kept = [...values].filter(([name]) => !isOurs(name));
  return { positionals, values: new Map([...kept, ...Object.entries(changes)]) };
}

function optionsOf({ values }: Arguments) {
  const texts = [values.get('rule') ?? []].flat() as string[];
  if (texts.length === 0) throw badUsage('--rule is missing.', `For example: ${EXAMPLE}`);
  const figure = (name: string, usual: number, [least, most]: readonly [number, number], isWhole = true) => {
    const value = Number(values.get(name) ?? usual);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw badUsage(
      `--${name} must be from ${least} to ${most}; got "${String(values.get(name))}".`,
      'Leave it out.',
    );
  };
  const wish = {
    rules: texts.map(ruleOf),
    samples: figure('samples', USUAL.samples, [2, 64]),
    temperature: figure('temperature', USUAL.temperature, [0.01, 10], false),
    maxNewTokens: figure('max-new-tokens', USUAL.maxNewTokens, [1, 1e6]),
    rounds: figure('rounds', USUAL.rounds, [1, 100]),
    pairs: values.get('pairs') !== false,
  };
  return { wish, tried: figure('try', 0, [0, 100]) };
}

function stepText(step: Exclude<Step, { do: 'end' }>): string {
  const { round } = step;
  if (step.do === 'train')
    return step.kind === 'pairs'
      ? `Round ${round}: learning ${plural(step.rows.length, 'pair')} of a right and a wrong answer.`
      : `Round ${round}: learning ${plural(step.rows.length, 'answer')} that pass.`;
  const count = step.asked.reduce((sum, { samples }) => sum + samples.length, 0);
  if (step.isTest)
    return `Testing ${round === 0 ? 'the model as it is' : `round ${round}`} on ${plural(count, 'question')}.`;
  return `Round ${round}: ${plural(count, 'answer')} to ${plural(step.asked.length, 'question')}.`;
}

const shareText = ({ passed, of }: Passed) =>
  `${percent(of === 0 ? 0 : passed / of)} (${number(passed)} of ${number(of)})`;

function resultText(
  { before, rounds, best, advice }: DrillState,
  run: string | null,
  verdict: string | null,
): string {
  const lines = rounds.map(({ number: round, kind, practised, rows, test }) => {
    const given = practised.of === 0 ? '' : `, ${shareText(practised)} of its practice answers passed`;
    const what = kind === 'pairs' ? 'pairs' : 'answers';
    const learned = rows === null ? '' : `, ${number(rows)} ${what} learned`;
    return `Round ${round}    ${test ? `${shareText(test)} pass` : 'not tested yet'}${learned}${given}${round === best ? '  <- best' : ''}`;
  });
  return plainSpaces(
    [
      ...(before ? [`Before     ${shareText(before)} of the test questions pass`] : []),
      ...lines,
      ...(verdict === null ? [] : ['', verdict]),
      ...(run === null
        ? ['No round was better than the model as it is.', ...(advice === null ? [] : [within(advice, '')])]
        : [`Result     ${within(run, '           ')}`]),
      '',
    ].join('\n'),
  );
}
