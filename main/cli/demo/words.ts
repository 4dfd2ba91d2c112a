/** What the demo says at each stage, in lines; every number comes from the job that the stage ran. */
import type {
  AssessResult,
  DoctorReport,
  ExportResult,
  RunPlan,
  Variant,
} from '../../../common/protocol/protocol.ts';
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
} from '../words.ts';

/** What the run will meet. */
export interface Computer {
  readonly processor: string;
  readonly threads: number;
  readonly freeMemory: number;
  readonly totalMemory: number;
  readonly freeDisk: number;
  /** Floating point operations per second of matrix products, measured. */
  readonly rate: number;
}

export function computerLines(found: Computer): string[] {
  return [
    `   ${found.processor}: Fettle computes on ${plural(found.threads, 'thread')} of it, ${Math.round(found.rate / 1e9)} billion operations a second (measured)`,
    `   ${bytes(found.freeMemory)} of ${bytes(found.totalMemory)} memory free, ${bytes(found.freeDisk)} of disk`,
  ];
}

export function dataLines({ rows, unreadable, findings, lengths, labels, seconds }: DoctorReport): string[] {
  const topic = labels.find(({ values }) => values.length > 2) ?? labels[0];
  const bad = unreadable === 0 ? 'all readable' : `${number(unreadable)} unreadable`;
  return [
    `   ${plural(rows, 'row')}, ${bad}; half of them have up to ${number(lengths.median)} tokens, the longest ${number(lengths.most)} (looked through in ${duration(seconds)})`,
    ...(topic
      ? [
          `   answers: ${topic.values.length} kinds of ${topic.field ?? 'answer'}, from ${plural(topic.values.at(-1)!.rows, 'row')} to ${number(topic.values[0]!.rows)}`,
        ]
      : []),
    ...findings
      .slice(0, 4)
      .map(({ title, rows: hit, severity }) => `   ${severity}: ${title} (${plural(hit, 'row')})`),
    ...(findings.length === 0 ? ['   nothing found that would harm the training'] : []),
    '   yours: npx fettle data check FILE',
  ];
}

export function planLines(plan: RunPlan): string[] {
  const needed = plan.weightBytes + plan.stateBytes + plan.workingBytes;
  return [
    `   ${plural(plan.rows, 'row')} to train on, ${number(plan.heldOutRows)} written independently to judge by; ${plural(plan.steps, 'step')} of ${number(plan.rowsPerBatch)} x ${plural(plan.rowLength, 'token')}`,
    `   ${count(plan.trainableParameters)} of ${count(plan.parameters)} weights are trained (${plan.trainableParameters === plan.parameters ? 'full fine-tuning' : 'LoRA'})`,
    `   memory: ${bytes(needed)} (weights and optimizer ${bytes(plan.weightBytes + plan.stateBytes)}, working ${bytes(plan.workingBytes)})`,
    `   arithmetic: ${(plan.flopsPerBatch / 1e9).toFixed(1)} billion operations a step`,
  ];
}

const VARIANTS: readonly (readonly [Variant, string])[] = [
  ['before', 'base model'],
  ['system', 'base model, with instructions'],
  ['examples', 'base model, with examples'],
  ['after', 'trained model'],
];

export function assessmentLines({ answers, loss: losses, forgetting, verdict }: AssessResult): string[] {
  const lines: string[] = [];
  if (losses)
    lines.push(
      `   loss on ${plural(losses.rows, 'independent message')}: ${loss(losses.before.value)} before, ${loss(losses.after.value)} after`,
    );
  for (const [variant, name] of VARIANTS) {
    const found = answers?.variants.find((one) => one.variant === variant);
    if (!found) continue;
    const label = found.labelRight ? `topic right ${percentRange(found.labelRight)}` : '';
    const right = found.right ? `, whole answer right ${percent(found.right.value)}` : '';
    const json = found.validJson ? `, valid JSON ${percent(found.validJson.value)}` : '';
    lines.push(`   ${name.padEnd(30)}${label}${right}${json}`);
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

export function exportLines(exported: ExportResult, asked: string, answer: string): string[] {
  return [
    `   ${exported.out} (GGUF, ${exported.type}, ${bytes(exported.bytes)})`,
    `   ${printable(exported.proved)}`,
    '   one question to llama.cpp:',
    `     asked    ${oneLine(asked)}`,
    `     says     ${oneLine(answer)}`,
    ...exported.next.slice(0, 1).map(({ about, command }) => `   ${about}: ${command}`),
  ];
}

export function closing({ verdict, report, remedies }: AssessResult, worked: boolean): string[] {
  const remedy = verdict.forgot === 'nothing' ? null : remedies.find(({ file }) => file !== null);
  return [
    worked
      ? 'The demo has done what it is there to show.'
      : 'The demo has NOT done what it is there to show.',
    `The report, one page to open in a browser: ${report}`,
    ...(remedy ? [`Against forgetting, for example: npx fettle train --config ${remedy.file}`] : []),
    '',
    'Now with your own rows (JSONL, JSON, CSV, TSV, Parquet, Excel, text) and a model from Hugging Face or a .gguf file:',
    '  npx fettle data check FILE',
    '  npx fettle train --model MODEL --data FILE --out runs/first',
    '  npx fettle export --run runs/first --as gguf --out first.gguf',
  ];
}
