/**
 * Stands for torchrun with train.py where no Python is: takes the steps of a bundle, with losses that follow from the rows alone, and
 * speaks as train.py does. Its result is the adapter that the bundle begins with. FAKE_STEP_MS: time of a step. FAKE_FAILURE: what it says
 * instead of its third step.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout } from 'node:timers/promises';

interface Step {
  readonly epoch: number;
  readonly tokens: number;
  readonly rows: readonly (readonly number[])[];
}

const { evalEvery, prompts } = JSON.parse(readFileSync('run.json', 'utf8'));
const steps: Step[] = readFileSync('steps.jsonl', 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const has = (file: string) => existsSync(`out/${file}`);
const attempt = 1 + (has('attempts') ? Number(readFileSync('out/attempts', 'utf8')) : 0);
mkdirSync('out', { recursive: true });
writeFileSync('out/attempts', String(attempt));
const done = has('step') ? Number(readFileSync('out/step', 'utf8')) : 0;
for (const asked of ['STOP', 'FINISH']) rmSync(`out/${asked}`, { force: true });

function say(event: string, facts: object): void {
  process.stdout.write(`@fettle ${JSON.stringify({ event, attempt, ...facts })}\n`);
}

/** Of the rows alone: what a step is told twice is the same. */
const lossOf = (step: number) =>
  3 + steps[step - 1]!.rows.flat().reduce((sum, row) => sum + row, 0) / 1000 - step / 100;

function evaluate(step: number): void {
  say('eval', { step, loss: 4 - step / 100, perplexity: 50, labelledTokens: 100, best: true });
  for (const { prompt } of prompts) say('sample', { step, prompt, text: `answer after ${step}` });
}

say('begin', { stepsDone: done, device: 'a card', processes: 1, torch: '2' });
process.stdout.write('some other word of a library\n');
if (done === 0) evaluate(0);
let step = done;
while (step < steps.length) {
  await setTimeout(Number(process.env.FAKE_STEP_MS ?? 10));
  if (step === 2 && process.env.FAKE_FAILURE) {
    process.stdout.write(`${process.env.FAKE_FAILURE}\n`);
    process.exit(1);
  }
  step++;
  const { epoch, tokens } = steps[step - 1]!;
  const figures = {
    loss: lossOf(step),
    gradNorm: 1,
    learningRate: 1e-3,
    tokensPerSecond: 100,
    stepMs: 10,
    rssBytes: 1e6,
  };
  say('step', { step, steps: steps.length, epoch, tokens, ...figures, secondsLeft: 1 });
  if (step % evalEvery === 0 || step === steps.length) evaluate(step);
  if (has('STOP') || has('FINISH')) break;
}
writeFileSync('out/step', String(step));
say('checkpoint', { step, path: 'out/checkpoints', bytes: 1 });
if (has('STOP') && step < steps.length) {
  say('stopped', { step, steps: steps.length, checkpoint: 'out/checkpoints' });
} else {
  mkdirSync('out/result', { recursive: true });
  const names = readdirSync('adapter').sort();
  for (const name of names) copyFileSync(`adapter/${name}`, `out/result/${name}`);
  const told = names.map((name) => {
    const bytes = readFileSync(`out/result/${name}`);
    return [name, { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length }];
  });
  if (process.env.FAKE_DAMAGE) writeFileSync(`out/result/${names[0]}`, 'damaged');
  say('done', {
    ...{
      steps: step,
      reason: step === steps.length ? 'finished' : 'finished-early',
      trainedTokens: 1000,
      finalLoss: lossOf(step),
    },
    ...{ heldOutLoss: 4 - step / 100, heldOutLossBefore: 4, bestStep: step, seconds: 1, peakRssBytes: 1e6 },
    files: Object.fromEntries(told),
  });
}
