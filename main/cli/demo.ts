/**
 * `fettle demo`: the main job on what is in the repository. It runs the same code as check, train, assess and export do on a person's own
 * files, and says at each stage what was measured.
 */
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { AssessResult, DoctorReport, RunPlan, Variant } from '../../common/protocol/protocol.ts';
import { rivalName } from '../../common/words/scores.ts';
import {
  type Computer,
  type DemoResult,
  demoHere,
  demoSettings,
  type Exported,
  type PracticeExample,
  practiceExample,
} from '../app/practice.ts';
import { parseRunConfig } from '../engine/config/config.ts';
import { type Arguments, HELP_FLAG, JSON_FLAG, wantsJson } from './arguments.ts';
import { type Command, EXIT, onInterrupt, type Streams } from './command.ts';
import { openDisplay } from './display.ts';
import {
  bytes,
  count,
  duration,
  loss,
  number,
  oneLine,
  percent,
  percentRange,
  plural,
  printable,
} from './words.ts';

export const command: Command = {
  usage: 'demo [flags]',
  about:
    'Teaches the bundled practice model which desk of a made-up shop gets a message: checks data, trains, compares, exports to GGUF and asks llama.cpp. ' +
    'Takes about half a minute.',
  examples: ['fettle demo'],
  flags: [JSON_FLAG, HELP_FLAG],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const json = wantsJson(args);
  const display = openDisplay(streams, json);
  const interrupt = onInterrupt(() => display.note('Stopping. Press Ctrl-C again to end at once.'));
  const { stop } = interrupt;
  const say = (...lines: readonly string[]) => {
    if (!json) for (const line of lines) streams.out.write(`${line}\n`);
  };
  try {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'fettle-demo-'));
    say(...intro(await practiceExample()));
    const config = parseRunConfig(demoSettings(path.join(folder, 'run')));
    const on = {
      computer: (found: Computer) => say('', '1. Check the computer', ...computerLines(found)),
      data: (report: DoctorReport) => say('', '2. Check the data', ...dataLines(report)),
      plan: (plan: RunPlan) => say('', '3. Plan', ...planLines(plan)),
      training: () => say('', '4. Train, then ask before and after'),
      assessment: (result: AssessResult) =>
        say('', '5. Did it learn? Did it forget?', ...assessmentLines(result)),
      exported: (one: Exported) => {
        display.close();
        say('', '6. Take it elsewhere', ...exportLines(one));
      },
    };
    const result = await demoHere(config, { stop, emit: display.show, on });
    if (!result) return EXIT.interrupted;
    say('', ...closing(result.assessment, hasWorked(result)));
    if (json) streams.out.write(`${JSON.stringify({ event: 'demo', ...summary(result) })}\n`);
    return hasWorked(result) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (stop.aborted) return EXIT.interrupted;
    throw error;
  } finally {
    display.close();
    interrupt.release();
  }
}

/** What the demo is for, and one message of many: whoever sees it knows what is to be learned. */
export function intro({ asked, wanted }: PracticeExample): string[] {
  return [
    'Fettle demo: a tiny model learns which desk of a made-up shop gets a message, and how soon.',
    '',
    '   R17 broken goods   R22 deliveries   R35 accounts   R48 bills      class A: today   class C: in turn',
    `   for example: ${oneLine(asked)}`,
    `   belongs to:  ${oneLine(wanted)}`,
    '',
    "The codes are the shop's own. No model knows them before it has seen the rows.",
    'You see the whole way, from rows to a file for llama.cpp. A model this small is for practice only.',
  ];
}

/** Whether every stage did what it is there to show. */
function hasWorked({ assessment, exported }: DemoResult): boolean {
  return assessment.verdict.learned === 'yes' && exported.proof.equalAnswers === exported.proof.prompts;
}

/** What `--json` tells at the end. */
function summary({ data, done, assessment, exported, answer }: DemoResult) {
  const variant = (name: string) => assessment.answers?.variants.find((one) => one.variant === name);
  const quiz = assessment.forgetting?.quiz?.total;
  return {
    findings: data.findings.length,
    steps: done.steps,
    lossBefore: assessment.loss?.before.value,
    lossAfter: assessment.loss?.after.value,
    knownBefore: assessment.closed?.known.before.value,
    knownAfter: assessment.closed?.known.after.value,
    formBefore: assessment.closed?.form.before.value,
    formAfter: assessment.closed?.form.after.value,
    labelBefore: variant('before')?.labelRight?.value,
    labelAfter: variant('after')?.labelRight?.value,
    rightAfter: variant('after')?.right?.value,
    quizBefore: quiz?.before.value,
    quizAfter: quiz?.after.value,
    verdict: assessment.verdict.sentence,
    proof: exported.proof,
    answer,
    run: assessment.run,
    report: assessment.report,
    gguf: exported.out,
  };
}

function computerLines(found: Computer): string[] {
  return [
    `   ${found.processor}: Fettle computes on ${plural(found.threads, 'thread')} of it, ${Math.round(found.rate / 1e9)} billion operations a second (measured)`,
    `   ${bytes(found.freeMemory)} of ${bytes(found.totalMemory)} memory free, ${bytes(found.freeDisk)} of disk`,
  ];
}

function dataLines({ rows, unreadable, findings, lengths, labels, seconds }: DoctorReport): string[] {
  const bad = unreadable === 0 ? 'all readable' : `${number(unreadable)} unreadable`;
  return [
    `   ${plural(rows, 'row')}, ${bad}; half of them have up to ${number(lengths.median)} tokens, the longest ${number(lengths.most)} (looked through in ${duration(seconds)})`,
    ...labels.map(
      ({ field, values }) =>
        `   ${field ?? 'answer'}: ${values.map(({ value, rows: each }) => `${value} in ${number(each)}`).join(', ')}`,
    ),
    ...findings
      .slice(0, 4)
      .map(({ title, rows: hit, severity }) => `   ${severity}: ${title} (${plural(hit, 'row')})`),
    ...(findings.length === 0 ? ['   nothing found that would harm the training'] : []),
    '   yours: npx fettle data check FILE',
  ];
}

function planLines(plan: RunPlan): string[] {
  const needed = plan.weightBytes + plan.stateBytes + plan.workingBytes;
  return [
    `   ${plural(plan.rows, 'row')} to train on, ${number(plan.heldOutRows)} written independently to judge by; ${plural(plan.steps, 'step')} of ${plural(plan.rowsPerBatch, 'packed row')} with ${plural(plan.rowLength, 'token')} each`,
    `   ${count(plan.trainableParameters)} of ${count(plan.parameters)} weights are trained (${plan.trainableParameters === plan.parameters ? 'full fine-tuning' : 'LoRA'})`,
    `   memory: ${bytes(needed)} (weights and optimizer ${bytes(plan.weightBytes + plan.stateBytes)}, working ${bytes(plan.workingBytes)})`,
    `   arithmetic: ${(plan.flopsPerBatch / 1e9).toFixed(1)} billion operations a step`,
  ];
}

const VARIANTS: readonly (readonly [Variant, string])[] = [
  ['before', 'base model'],
  ['system', 'base model, with instructions'],
  ['prompt', 'base model, best prompt'],
  ['after', 'trained model'],
];

function assessmentLines({
  task,
  answers,
  closed,
  rivals = [],
  loss: losses,
  forgetting,
  verdict,
}: AssessResult): string[] {
  const lines: string[] = [];
  if (losses)
    lines.push(
      `   loss on ${plural(losses.rows, 'independent message')}: ${loss(losses.before.value)} before, ${loss(losses.after.value)} after`,
    );
  if (closed)
    lines.push(
      `   choosing among the ${closed.answers} allowed answers, for ${plural(closed.known.after.rows, 'message')} that it has not seen:`,
    );
  for (const { before, after } of closed ? [closed.known, ...closed.fields] : [])
    lines.push(
      `     ${(after.key ?? 'whole answer').padEnd(30)}right in ${percentRange(before)} before, ${percentRange(after)} after`,
    );
  if (rivals.length > 0) lines.push('   simpler ways, without a language model:');
  for (const { name, score } of rivals)
    lines.push(`     ${rivalName(name).padEnd(46)}right in ${percentRange(score)}`);
  if (closed) lines.push('   writing the answer by itself:');
  for (const [variant, name] of VARIANTS) {
    const found = answers?.variants.find((one) => one.variant === variant);
    if (!found) continue;
    const parts = [
      found.right && `whole answer right in ${percentRange(found.right)}`,
      found.labelRight && `${task.labelField ?? 'label'} in ${percent(found.labelRight.value)}`,
      found.validJson && `valid JSON in ${percent(found.validJson.value)}`,
    ];
    lines.push(`     ${name.padEnd(30)}${parts.filter(Boolean).join(', ')}`);
  }
  const quiz = forgetting?.quiz;
  if (quiz)
    lines.push(
      `   what it knew before: ${percent(quiz.total.before.value)} -> ${percent(quiz.total.after.value)} of ${plural(quiz.total.items, 'question')} about its world; ${quiz.broke.length} got worse, ${quiz.mended} better`,
    );
  const broken = quiz?.broke[0];
  if (broken)
    lines.push(
      `     asked    ${oneLine(broken.question)}`,
      `     before   ${oneLine(broken.before)}`,
      `     after    ${oneLine(broken.after)}`,
    );
  return [
    ...lines,
    '',
    `   ${printable(verdict.sentence)}`,
    ...verdict.remarks.map((remark) => `   ${printable(remark)}`),
  ];
}

function exportLines({ exported, asked, answer }: Exported): string[] {
  return [
    `   ${exported.out} (GGUF, ${exported.type}, ${bytes(exported.bytes)})`,
    `   ${printable(exported.proved)}`,
    '   one question to llama.cpp:',
    `     asked    ${oneLine(asked)}`,
    `     says     ${oneLine(answer)}`,
    ...exported.next.slice(0, 1).map(({ about, command }) => `   ${about}: ${command}`),
  ];
}

function closing({ report, remedies }: AssessResult, worked: boolean): string[] {
  const remedy = remedies.find(({ file }) => file !== null);
  return [
    worked
      ? 'The demo worked: every step did what it should.'
      : 'The demo did NOT work as it should: see above.',
    `The report, one page to open in a browser: ${report}`,
    ...(remedy ? [`What would help most. ${remedy.why}`, `  npx fettle train --config ${remedy.file}`] : []),
    '',
    'For sorting, each result says what word counts get: where they get as many right, you need no language model.',
    'The same steps teach one to write, which no counter can: in a tone, a description, calls of tools (resources/samples).',
    '',
    'Now with your own rows (JSONL, JSON, CSV, TSV, Parquet, Excel, text) and a model from Hugging Face or a .gguf file:',
    '  npx fettle data check FILE',
    '  npx fettle train --model MODEL --data FILE --out runs/first',
    '  npx fettle export --run runs/first --as gguf --out first.gguf',
  ];
}
