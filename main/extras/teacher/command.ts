/** `fettle teach`: a larger model answers raw texts, and a person decides where it isn't sure. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { AskingNews, TaughtCounts } from '../../../common/extras/teacher/calls.ts';
import {
  ANSWER_KINDS,
  type AnswerKind,
  type Lesson,
  MOST_VARIATIONS,
  type Studied,
} from '../../../common/extras/teacher/kinds.ts';
import { plainSpaces } from '../../../common/words/format.ts';
import { askHere, type WorkIo, workHere } from '../../app/work-here.ts';
import { type Arguments, badUsage, type Flag, HELP_FLAG, JSON_FLAG, wantsJson } from '../../cli/arguments.ts';
import { type Command, EXIT, printOne, type Streams } from '../../cli/command.ts';
import { withDisplay } from '../../cli/display.ts';
import { about, number, percent, plural, within } from '../../cli/words.ts';
import { refuseExisting } from '../../folders.ts';
import { askAll, MEASURED } from './asking.ts';
import { decide } from './deciding.ts';
import type { Journal } from './journal.ts';
import { withLocalTeacher } from './local.ts';
import { type TeacherAddress, teacherModel, teacherUrl } from './teacher.ts';
import { openJournal, rowsToTeach, studied } from './teachings.ts';
import { taughtCounts, writeTaught } from './written.ts';

const KEY = 'FETTLE_TEACHER_KEY';
const USUAL = {
  samples: 3,
  temperature: 0.7,
  atOnce: 4,
  timeout: { address: 120, file: 900 },
  maxTokens: 1024,
};

const FLAGS: readonly Flag[] = [
  {
    name: 'examples',
    about: 'rows of yours with a text and its answer; 2 or 3 of each category',
    group: 'Rows',
    value: 'FILE',
    required: true,
    repeats: true,
    alsoCalled: ['seed-examples', 'few-shot', 'gold'],
  },
  {
    name: 'out',
    about:
      'new file for the rows, .csv or .jsonl; FILE.teaching beside it keeps what was said, and continues',
    group: 'Rows',
    value: 'FILE',
    required: true,
    alsoCalled: ['output'],
  },
  {
    name: 'map',
    about: 'which column of the raw texts is the text',
    group: 'Rows',
    value: 'MAP',
    fallback: 'as for training',
  },
  {
    name: 'examples-map',
    about: 'which column of the examples is the text and which the answer',
    group: 'Rows',
    value: 'MAP',
    fallback: 'as for training',
  },
  {
    name: 'teacher',
    about: 'address of a model that speaks OpenAI’s API, a GGUF file, or the folder of a run',
    group: 'Teacher',
    value: 'URL|FILE',
    required: true,
    alsoCalled: ['base-url', 'endpoint', 'api-base', 'url'],
  },
  {
    name: 'teacher-model',
    about: `name of the model at that address; its key, where it has one, stands in the variable ${KEY}`,
    group: 'Teacher',
    value: 'NAME',
    fallback: 'the only one there',
    alsoCalled: ['model'],
  },
  {
    name: 'rows-may-leave',
    about: 'send your texts to an address that is not this computer',
    group: 'Teacher',
    alsoCalled: ['allow-remote', 'remote'],
  },
  {
    name: 'rubric',
    about: 'what the teacher should mind, in your words',
    group: 'Teacher',
    value: 'TEXT',
    alsoCalled: ['instructions', 'guidelines', 'system'],
  },
  {
    name: 'kind',
    about: 'what answers are',
    group: 'Teacher',
    value: ANSWER_KINDS.join('|'),
    fallback: 'what the examples look like',
  },
  whole(
    'vary',
    `texts like each example that the teacher writes and then answers, from 1 to ${MOST_VARIATIONS}`,
    'none',
    ['variations', 'augment', 'paraphrase', 'synthetic'],
  ),
  whole('samples', 'answers to each text, from 2 to 10', USUAL.samples, ['n', 'votes']),
  whole('at-once', 'texts that are asked at once', USUAL.atOnce, ['concurrency', 'parallel', 'workers']),
  whole(
    'timeout',
    'seconds to wait for an answer',
    `${USUAL.timeout.address}; ${USUAL.timeout.file} of a file`,
  ),
  whole('max-tokens', 'longest answer, with what a model thinks before it', USUAL.maxTokens, [
    'max-new-tokens',
  ]),
  {
    name: 'temperature',
    about: 'higher: the answers differ more',
    group: 'Teacher',
    value: 'N',
    fallback: String(USUAL.temperature),
  },
  {
    name: 'price',
    about: 'what a million tokens cost there, to say what this costs',
    group: 'Teacher',
    value: 'N',
  },
  {
    name: 'encoder',
    about: 'folder of the encoder that the rows are sorted by beside the teacher; - for word counts',
    group: 'Deciding',
    value: 'PATH',
    fallback: 'the smallest on this computer',
  },
  {
    name: 'decide',
    about: 'decide open rows now; choices can be piped in, one a line',
    group: 'Deciding',
    fallback: 'on in a terminal',
    negatable: true,
    alsoCalled: ['review', 'interactive'],
  },
  JSON_FLAG,
  HELP_FLAG,
];

function whole(name: string, text: string, usual: number | string, alsoCalled: readonly string[] = []): Flag {
  return { name, about: text, group: 'Teacher', value: 'N', fallback: String(usual), alsoCalled };
}

export const command: Command = {
  usage: 'teach [FILE…] --examples FILE --teacher URL|FILE --out FILE [flags]',
  about:
    'A larger model answers each raw text several times. Where its answers agree, and a sorter that learns from the rows would say the same, the answer is taken. ' +
    'You decide the others: those in doubt come first. Ctrl-C stops at any time; the same command continues. Each row keeps where its answer is from, and test ' +
    'rows are only ever your own. Nothing leaves this computer unless --rows-may-leave is given.',
  examples: [
    'fettle teach mails.csv --examples sorted.csv --teacher http://127.0.0.1:11434 --teacher-model qwen3:8b --out rows.csv',
    'fettle teach mails.csv --examples sorted.csv --teacher models/SmolLM3-3B.gguf --out rows.csv',
    'fettle teach --vary 5 --examples sorted.csv --teacher http://127.0.0.1:11434 --out rows.csv',
  ],
  flags: FLAGS,
  positionals: ['[FILE…]'],
  run,
};

interface TeachResult extends TaughtCounts {
  readonly out: string;
  readonly kind: AnswerKind;
  readonly model: string;
  /** Samples that had the wanted form, of all. */
  readonly usable: number;
  readonly samples: number;
  readonly tokens: number;
  /** Texts that the teacher wrote, and examples of which it wrote none. */
  readonly written: number;
  readonly unvaried: number;
  readonly student: Studied['student'];
}

async function run(args: Arguments, streams: Streams): Promise<number> {
  const options = optionsOf(args);
  const { out, file } = options;
  if (!existsSync(file)) refuseExisting(out);
  return await withDisplay(streams, wantsJson(args), async (display, stop) => {
    const emit: NonNullable<WorkIo['emit']> = (event) => 'event' in event && display?.show(event);
    const note = (text: string) => display?.note(text);
    return await askHere(async (engine) => {
      emit({ event: 'phase', phase: 'read' });
      const isVaried = options.vary !== undefined;
      const rows = await rowsToTeach(options, options.maps, engine, { signal: stop, isVaried });
      if (rows.repeated > 0) note(`${plural(rows.repeated, 'text')} left out: there already.`);
      const { journal, lesson } = await openJournal(file, rows, options, engine);
      note(lessonText(lesson, journal));
      let problem: unknown;
      const model = { name: '' };
      const ask = (teacher: TeacherAddress) => {
        model.name = teacher.model;
        const tell = progressOf(emit, note, options);
        return askAll(journal, teacher, lesson, options, { signal: stop, tell });
      };
      if (journal.said.size < journal.texts.length || journal.unvaried.length > 0)
        await withTeacher(options, lesson, { emit, stop }, ask).catch((error: unknown) => {
          problem = error;
        });
      const study = () => studied(journal, options.encoder, engine);
      emit({ event: 'phase', phase: 'read', detail: 'comparing the answers' });
      let found = await study();
      if (!problem && !stop.aborted && found.order.length > 0 && options.decides) {
        display?.close();
        found = await decide({ journal, studied: found, study }, streams, stop);
      }
      display?.close();
      await writeTaught(out, journal, found);
      const result = resultOf(options, journal, found);
      if (problem && !stop.aborted) {
        streams.err.write(keptText(result));
        throw problem;
      }
      printOne(args, streams, result, () => resultText(result));
      return stop.aborted ? EXIT.interrupted : EXIT.ok;
    });
  });
}

type Options = ReturnType<typeof optionsOf>;

function optionsOf({ values, positionals }: Arguments) {
  const text = (name: string) => values.get(name) as string | undefined;
  const need = (name: string) => {
    const value = text(name);
    if (value === undefined) throw badUsage(`--${name} is missing.`, `For example: ${command.examples[0]}`);
    return value;
  };
  const figure = (name: string, usual: number, [least, most]: readonly [number, number], isWhole = true) => {
    const value = Number(text(name) ?? usual);
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw badUsage(`--${name} must be from ${least} to ${most}; got "${text(name)}".`, 'Leave it out.');
    return value;
  };
  const kind = text('kind') as AnswerKind | undefined;
  if (kind !== undefined && !ANSWER_KINDS.includes(kind))
    throw badUsage(`--kind must be ${ANSWER_KINDS.join(', ')}; got "${kind}".`, 'Leave it out.');
  const teacher = need('teacher');
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(teacher);
  const address = isAddress ? teacherUrl(teacher) : null;
  if (address && !address.isHere && values.get('rows-may-leave') !== true)
    throw badUsage(
      `${address.url} is not this computer: all of your texts and examples would be sent there.`,
      'If that is fine, add --rows-may-leave.',
    );
  const examples = [values.get('examples') ?? need('examples')].flat() as string[];
  const out = path.resolve(need('out'));
  const price = text('price');
  return {
    ...{ out, file: `${out}.teaching`, name: path.basename(out), address, kind },
    raw: positionals.map((one) => path.resolve(one)),
    examples: examples.map((one) => path.resolve(one)),
    maps: { raw: text('map'), examples: text('examples-map') },
    source: isAddress ? null : path.resolve(teacher),
    wanted: text('teacher-model'),
    rubric: text('rubric'),
    vary: figure('vary', 0, [0, MOST_VARIATIONS]) || undefined,
    samples: figure('samples', USUAL.samples, [2, 10]),
    atOnce: figure('at-once', USUAL.atOnce, [1, 64]),
    patienceMs: 1000 * figure('timeout', USUAL.timeout[isAddress ? 'address' : 'file'], [1, 3600], false),
    maxTokens: figure('max-tokens', USUAL.maxTokens, [1, 32_768]),
    temperature: figure('temperature', USUAL.temperature, [0, 2], false),
    price: price === undefined ? undefined : figure('price', 0, [0, 1e6], false),
    encoder: text('encoder') === '-' ? null : text('encoder') && path.resolve(text('encoder')!),
    decides: (values.get('decide') as boolean | undefined) ?? process.stdin.isTTY === true,
  };
}

/** Gives `ask` the teacher at its address, or one that is served here meanwhile. */
async function withTeacher(
  { address, source, wanted }: Options,
  lesson: Pick<Lesson, 'kind' | 'answers'>,
  io: WorkIo,
  ask: (teacher: TeacherAddress) => Promise<void>,
): Promise<void> {
  if (!address) {
    const of = source!.endsWith('.gguf') ? { model: source! } : { run: source! };
    return await withLocalTeacher(of, lesson, workHere, io, ask);
  }
  const key = process.env[KEY]?.trim() || undefined;
  const at = { url: address.url, ...(key !== undefined && { key }) };
  await ask({ ...at, model: await teacherModel(at, wanted, io.stop) });
}

const THING = { vary: 'example', answer: 'text' } as const;

/** Shows how far it is; says once a step, after a few answers, how long all take. */
function progressOf(
  emit: NonNullable<WorkIo['emit']>,
  note: (text: string) => void,
  { price }: Pick<Options, 'price'>,
): (news: AskingNews) => void {
  const isTold = { vary: false, answer: false };
  return ({ step, done, total, secondsLeft, tokensLeft, failed, problem }) => {
    if (!isTold[step] && secondsLeft !== null && tokensLeft !== null) {
      isTold[step] = true;
      const cost = price === undefined ? '' : `, ${((tokensLeft / 1e6) * price).toFixed(2)} at your price`;
      note(
        `After ${plural(Math.min(MEASURED, done), THING[step])}: ${about(secondsLeft)} for the other ${number(total - done)}, ${number(Math.round(tokensLeft))} tokens${cost}. Ctrl-C stops, and keeps what is there.`,
      );
    }
    const trouble = failed > 0 ? `, ${failed} without an answer (${problem})` : '';
    emit({
      event: 'phase',
      phase: 'read',
      fraction: done / total,
      detail: `${THING[step]} ${number(done)} of ${number(total)}${trouble}`,
      ...(secondsLeft !== null && { secondsLeft }),
    });
  };
}

function lessonText({ kind, answers }: Lesson, { head, texts, unvaried, said }: Journal): string {
  const what = { categories: `${answers.length} categories`, json: 'JSON', free: 'free text' }[kind];
  const before = said.size > 0 ? `, ${number(said.size)} answered before` : '';
  const more = unvaried.length * (head.vary ?? 0);
  const write = more > 0 ? `, ${number(more)} of them to be written first` : '';
  return `${plural(texts.length + more, 'text')} to answer with ${what}, from ${plural(head.examples.length, 'example')}${before}${write}.`;
}

function resultOf({ out }: Options, journal: Journal, found: Studied): TeachResult {
  const said = [...journal.said.values()];
  const asked = [...journal.varied.values(), ...said];
  return {
    ...taughtCounts(journal, found),
    out,
    kind: journal.head.kind,
    model: said.at(-1)?.model ?? '',
    student: found.student,
    usable: found.usable,
    samples: found.samples,
    written: journal.written.size,
    unvaried: journal.unvaried.length,
    tokens: asked.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function keptText({ out, examples, taken, decided }: TeachResult): string {
  return `${plural(examples + taken + decided, 'row')} written until then: ${out}\n`;
}

function resultText(result: TeachResult): string {
  const { examples, taken, decided, leftOut, open, unanswered, usable, samples, student, out } = result;
  const { written, unvaried } = result;
  const by = student ? `, compared with ${student.encoder ?? 'word counts'}` : '';
  return plainSpaces(
    [
      `Teacher    ${within(result.model, '           ')}: ${percent(usable / Math.max(1, samples))} of ${number(samples)} answers had the right form, ${number(result.tokens)} tokens`,
      `Rows       ${plural(examples + taken + decided, 'row')}: ${number(examples)} examples, ${number(taken)} taken from the teacher${by}, ${number(decided)} decided by you`,
      ...(written > 0 ? [`Written    ${plural(written, 'variation')} of your examples`] : []),
      ...(unvaried > 0 ? [`Not varied ${plural(unvaried, 'example')}: the same command asks again`] : []),
      ...(leftOut > 0 ? [`Left out   ${plural(leftOut, 'row')}`] : []),
      ...(open > 0 ? [`Open       ${plural(open, 'row')} wait for you: the same command continues`] : []),
      ...(unanswered > 0 ? [`Unanswered ${plural(unanswered, 'text')}: the same command asks again`] : []),
      `File       ${within(out, '           ')}`,
      '',
    ].join('\n'),
  );
}
