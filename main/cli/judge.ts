/**
 * Commands that judge a model: `fettle eval` by its loss on rows, `assess` by what a run learned and forgot, `compare` by a blind choice
 * between answers before and after.
 */

import path from 'node:path';
import { createInterface } from 'node:readline';
import type { AbilityFigures, AssessResult, CallEvent, EvalResult } from '../../common/protocol/protocol.ts';
import { decidingOf, isPromptEnough, tellsForm } from '../../common/scores.ts';
import { ASSESS_SETTINGS, COMPARE_SETTINGS, EVAL_SETTINGS } from '../../common/settings/commands.ts';
import { abilityName, lackingText } from '../../common/words/abilities.ts';
import { remedyFacts } from '../../common/words/run.ts';
import { rivalName, shortScore } from '../../common/words/scores.ts';
import { recordAssessment } from '../app/history.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseAssessConfig, parseCompareConfig, parseEvalConfig } from '../engine/config/config.ts';
import { badUsage, wantsJson } from './arguments.ts';
import { EXIT, printOne, type Streams } from './command.ts';
import { printResult, withDisplay } from './display.ts';
import { commandOf } from './settings.ts';
import {
  duration,
  loss,
  number,
  oneLine,
  percent,
  percentRange,
  plainSpaces,
  plural,
  printable,
  rate,
} from './words.ts';

type FoundPrompt = NonNullable<NonNullable<AssessResult['answers']>['prompt']>;

export const evalCommand = commandOf({
  name: 'eval',
  settings: EVAL_SETTINGS,
  parse: parseEvalConfig,
  usage: 'eval --model PATH [--adapter FOLDER] --data FILE [flags]',
  about: 'The loss is the mean over labelled tokens.',
  examples: [
    'fettle eval --model models/SmolLM2.gguf --adapter runs/first --data rows.jsonl',
    'fettle eval --model models/SmolLM2.gguf --adapter runs/first --data rows.jsonl --split held-out --json',
  ],
  async run(config, args, streams) {
    const work = (io: WorkIo) => workHere('eval', config, io);
    const { isStopped } = await printResult(args, streams, work, evalText);
    return isStopped ? EXIT.interrupted : EXIT.ok;
  },
});

function evalText(result: EvalResult): string {
  const skipped = result.skippedRows ? `, ${number(result.skippedRows)} skipped` : '';
  const cut = result.truncatedRows ? `, ${number(result.truncatedRows)} cut off` : '';
  return [
    `Loss        ${result.loss.toFixed(4)} (mean over ${plural(result.labelledTokens, 'labelled token')})`,
    result.accuracy === undefined
      ? `Perplexity  ${result.perplexity.toPrecision(4)}`
      : `Right       ${percent(result.accuracy)} of the texts`,
    `Data        ${plural(result.rows, 'row')}${skipped}${cut}, ${plural(result.tokens, 'token')}`,
    ...(result.precision ? ['Numbers     8 bits; --precision f32 computes in 32'] : []),
    `Time        ${duration(result.seconds)}, ${rate(result.tokensPerSecond)}`,
    '',
  ].join('\n');
}

export const assessCommand = commandOf({
  name: 'assess',
  settings: ASSESS_SETTINGS,
  parse: parseAssessConfig,
  usage: 'assess --run FOLDER [flags]',
  about:
    'Compares the trained model with its base model on held-out rows and a general quiz, and writes assessment.json and report.html. ' +
    'Training does this at its end. An interrupted comparison continues with the same command.',
  examples: ['fettle assess --run runs/first', 'fettle assess --run runs/first --rows 300'],
  async run(config, args, streams) {
    const work = async (io: WorkIo) => {
      const result = await workHere('assess', config, io);
      await recordAssessment(config.run, result, (text) => streams.err.write(`${text}\n`));
      return result;
    };
    await printResult(args, streams, work, (result) => `${assessmentText(result)}\n`);
    return EXIT.ok;
  },
});

/** The result as a person reads it: the verdict first, then the figures that it rests on. */
function assessmentText(result: AssessResult): string {
  const { verdict, answers, closed, rivals = [], loss: losses, forgetting, remedies, notes } = result;
  const lines = [printable(verdict.sentence), ...verdict.remarks.map(printable), ''];
  if (losses) {
    const rows = plural(losses.rows, 'held-out row');
    lines.push(`Loss       ${loss(losses.before.value)} -> ${loss(losses.after.value)} on ${rows}`);
  }
  const forms = closed && tellsForm(closed) ? [closed.form] : [];
  for (const { before, after } of closed ? [closed.known, ...closed.fields, ...forms] : []) {
    const isForm = after === closed!.form.after;
    const what = isForm ? 'Form      ' : after.key === null ? 'Knows     ' : `  ${after.key.padEnd(8)}`;
    lines.push(`${what} ${percentRange(before)} -> ${percentRange(after)} of ${plural(after.rows, 'row')}`);
  }
  for (const one of answers?.variants ?? []) {
    const label = one.labelRight && one.labelRight.value !== one.right?.value;
    const labels = label ? `, label right ${percentRange(one.labelRight!)}` : '';
    const tools = one.toolRight ? `, right tool ${percentRange(one.toolRight)}` : '';
    const whole =
      answers?.score !== 'right' && one.right ? `, all of it right ${percent(one.right.value)}` : '';
    const named = one.slotsPresent ? `, wanted values named ${percent(one.slotsPresent.value)}` : '';
    const invented = one.slotsInvented ? `, invented ${percent(one.slotsInvented.value)}` : '';
    const score = `${SCORED[answers!.score]} ${percentRange(decidingOf(answers!, one)!)}`;
    lines.push(
      `${VARIANTS[one.variant]} ${score}${whole}${labels}${tools}${named}${invented} (${plural(one.rows, 'row')})`,
    );
  }
  for (const { name, score } of rivals.toSorted((a, b) => b.score.value - a.score.value))
    lines.push(`Simpler    ${rivalName(name)}: ${shortScore(score)} (${plural(score.rows, 'row')})`);
  if (answers?.prompt) lines.push(...promptLines(answers.prompt, result));
  const quiz = forgetting?.quiz;
  if (quiz) {
    const { items, before, after } = quiz.total;
    lines.push(
      `Quiz       ${percentRange(before)} -> ${percentRange(after)} of ${plural(items, 'general question')}; ${quiz.broke.length} got worse, ${quiz.mended} better`,
    );
  }
  lines.push(...abilityLines(forgetting?.abilities));
  lines.push(...remedyLines(remedies));
  lines.push(...notes.map((note) => `Note       ${note}`));
  lines.push('', `Report     ${result.report} (made in ${duration(result.seconds)})`);
  return lines.join('\n');
}

/** What it can do before and after, kind by kind; nothing of a comparison that has not asked. */
function abilityLines(abilities: AbilityFigures | null | undefined): string[] {
  if (!abilities) return [];
  const { measured } = abilities;
  const widest = Math.max(0, ...measured.map(({ name }) => abilityName(name).length));
  const lacking = lackingText(abilities);
  return [
    ...measured.map(({ name, before, after, items, fell }) => {
      const clearly = fell ? ', clearly worse' : '';
      const figures = `${percentRange(before)} -> ${percentRange(after)} of ${plural(items, 'question')}`;
      return `  ${printable(abilityName(name)).padEnd(widest)}  ${figures}${clearly}`;
    }),
    ...(lacking === null ? [] : [`  ${printable(lacking)}`]),
  ];
}

/** The best prompt: where it is enough, to be copied; else where it lies. */
function promptLines({ text, tried, seconds }: FoundPrompt, { run, verdict }: AssessResult): string[] {
  const file = path.join(run, 'prompt.txt');
  const how = tried > 1 ? ` (the best of ${number(tried)}, found in ${duration(seconds)})` : '';
  if (!isPromptEnough(verdict)) return [`Prompt     ${file}${how}`];
  return [
    '',
    `Prompt that is enough${how}, also in ${file}:`,
    ...text.split('\n').map((line) => `  ${printable(line)}`),
    '',
  ];
}

/** What would help most: each with what it should bring, and the command that trains it. */
function remedyLines(remedies: AssessResult['remedies']): string[] {
  return remedies.flatMap((remedy) => [
    '',
    `Would help ${printable(`${remedy.name}: ${remedy.why}`)}`,
    `  ${plainSpaces(remedyFacts(remedy))}`,
    ...(remedy.rows ?? []).map(
      ({ text, answer, given }) =>
        `  ${printable(oneLine(text))}: ${printable(answer)}, taken for ${printable(given)}`,
    ),
    ...(remedy.file === null ? [] : [`  fettle train --config ${remedy.file}`]),
  ]);
}

const SCORED = {
  right: 'right',
  fields: 'fields right',
  chrf: 'similarity',
  sari: 'changes like yours',
} as const;

const VARIANTS = {
  before: 'Base model',
  system: '  with instructions',
  examples: '  with examples',
  prompt: '  best prompt',
  after: 'Trained   ',
} as const;

export const compareCommand = commandOf({
  name: 'compare',
  settings: COMPARE_SETTINGS,
  parse: parseCompareConfig,
  usage: 'compare --run FOLDER [flags]',
  about:
    'Shows pairs of answers, one of the base model and one of the trained model, in random order. Type 1 or 2 for the better one, ' +
    '= if they are equal, 0 if both are bad, q to end. The result is kept in blind.json. Choices can also be piped in, one per line.',
  examples: ['fettle compare --run runs/first', 'fettle compare --run runs/first --rows 20'],
  async run(config, args, streams) {
    return await withDisplay(streams, wantsJson(args), async (display, stop) => {
      const round = { ...config, shown: [] };
      const emit = (event: CallEvent) => 'event' in event && display?.show(event);
      const { pairs } = await workHere('blind', round, { emit, stop });
      display?.close();
      const choices = await choicesFor(pairs, streams, stop);
      if (choices.length === 0)
        throw badUsage(
          'No choice was made.',
          'Type 1, 2, = or 0 for each pair, or pipe them in, one a line.',
        );
      // also after Ctrl-C: what was chosen by then is kept
      const { file, trained: _, remedies, ...result } = await workHere('judge', { ...round, choices });
      const text = () => `\n${[result.sentence, `Kept in ${file}`, ...remedyLines(remedies)].join('\n')}\n`;
      printOne(args, streams, result, text);
      return stop.aborted ? EXIT.interrupted : EXIT.ok;
    });
  },
});

type Choice = 'first' | 'second' | 'equal' | 'bad';

/** What may be typed for a choice; `null` ends the round. */
const KEYS: Readonly<Record<string, Choice | null>> = {
  1: 'first',
  2: 'second',
  '=': 'equal',
  0: 'bad',
  q: null,
};

/** Asks for each pair until all are judged or the person ends; what is shown goes to stderr, for stdout has the result. */
async function choicesFor(
  pairs: readonly { readonly prompt: string; readonly first: string; readonly second: string }[],
  { err }: Streams,
  stop: AbortSignal,
): Promise<Choice[]> {
  // opened only now: lines that come while nobody waits for them would be lost
  const input = createInterface({ input: process.stdin, terminal: false });
  const lines = input[Symbol.asyncIterator]();
  const ended = new Promise<{ done: true; value: undefined }>((resolve) =>
    stop.addEventListener('abort', () => resolve({ done: true, value: undefined })),
  );
  const choices: Choice[] = [];
  for (const [i, pair] of pairs.entries()) {
    err.write(pairText(pair, i + 1, pairs.length));
    const choice = await nextChoice(() => Promise.race([lines.next(), ended]), err);
    if (choice === null) break;
    choices.push(choice);
  }
  input.close();
  return choices;
}

/** The next line that is a choice; null when the person or the input ends. */
async function nextChoice(
  next: () => Promise<IteratorResult<string>>,
  err: Streams['err'],
): Promise<Choice | null> {
  for (let line = await next(); !line.done; line = await next()) {
    const choice = KEYS[line.value.trim().toLowerCase()];
    if (choice !== undefined) return choice;
    err.write('Type 1, 2, =, 0 or q: ');
  }
  return null;
}

function pairText(
  { prompt, first, second }: { readonly prompt: string; readonly first: string; readonly second: string },
  number: number,
  of: number,
): string {
  const indented = (text: string) =>
    printable(text.trim() === '' ? '(nothing)' : text.trim()).replaceAll('\n', '\n     ');
  return `\n${number} of ${of}\n     ${indented(prompt)}\n\n  1  ${indented(first)}\n\n  2  ${indented(second)}\n\nWhich is better: 1, 2, = (equally good), 0 (both bad) or q? `;
}
