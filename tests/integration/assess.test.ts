/** The assessment of a run from the command line: at the end of training, again by itself, and the blind comparison. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AssessmentEvent,
  AssessResult,
  CompareResult,
  EvalResult,
  GenerateResult,
} from '../../common/protocol/protocol.ts';
import type { TestLosses } from '../../main/engine/eval/assess/test-losses.ts';
import { BIN, doneOf, type Ended, fettle } from '../helpers/fettle.ts';
import { tinyRows, writeRows } from '../helpers/tiny-model.ts';
import { untimed } from '../helpers/untimed.ts';
import { fixedBeside, openWorkspace, SMALL, type Workspace } from './workspace.ts';

let workspace: Workspace;
let run: string;
let env: Record<string, string>;
let trained: Ended;

const readJson = <T>(...names: string[]) => JSON.parse(readFileSync(path.join(...names), 'utf8')) as T;
const assessment = () => readJson<AssessResult>(run, 'assessment.json');

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
  run = workspace.at('run');
  writeQuiz(workspace.model);
  const rows = ['--data', writeRows(workspace.at('more.jsonl'), tinyRows(120)), '--held-out', '16'];
  const learn = ['--epochs', '8', '--learning-rate', '1e-2', '--rank', '4', '--eval-every', '100'];
  const files = ['--model', workspace.model, '--out', run];
  const size = ['--tokens-per-micro-batch', '128', ...SMALL];
  const flags = [...size, ...learn];
  trained = await fettle(['train', ...files, ...rows, ...flags, ...fixedBeside(flags), '--json'], { env });
});
afterAll(() => workspace.remove());

/** General material of the model's own, so that the test does not ask the bundled quiz. */
function writeQuiz(folder: string): void {
  const items = ['one', 'two', 'three', 'four'].map((word) => ({
    ...{ id: word, topic: word.length > 3 ? 'long' : 'short', question: `say ${word}`, answers: [word] },
    match: 'exact',
  }));
  const passages = ['One small text.', 'And another small text.'].map((text, i) => ({
    id: `${i}`,
    topic: 't',
    text,
  }));
  writeRows(path.join(folder, 'quiz.jsonl'), items);
  writeRows(path.join(folder, 'passages.jsonl'), passages);
  const blocks = ['north', 'south'].map((place) => ({
    ...{ ability: 'places', options: ['yes', 'no'] },
    questions: [`is it ${place}?`, `is it not ${place}?`],
  }));
  writeRows(path.join(folder, 'abilities.jsonl'), blocks);
}

/** Runs `fettle` with `lines` piped in. */
function fettleWith(
  lines: string,
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (part) => {
    out += part;
  });
  child.stderr.on('data', (part) => {
    err += part;
  });
  child.stdin.end(lines);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

describe('the end of a training', () => {
  it('tells the verdict before it is done', () => {
    expect([trained.code, trained.err]).toEqual([0, '']);
    const kinds = trained.events.map(({ event }) => event);
    expect(kinds.slice(-2)).toEqual(['assessment', 'done']);
    const told = trained.events.at(-2) as AssessmentEvent;
    const { verdict, report } = assessment();
    expect(told).toMatchObject({ sentence: verdict.sentence, learned: verdict.learned, report });
    expect(verdict).toMatchObject({
      learned: 'yes',
      forgot: 'unknown',
      promptingIsEnough: false,
      memorised: null,
    });
    const phases = trained.events.filter((one) => one.event === 'phase' && one.phase === 'assess');
    expect(phases.length).toBeGreaterThan(5);
  });

  it('leaves the assessment and the report, and nothing else', () => {
    expect(readdirSync(run).sort()).toEqual([
      ...[
        'adapter',
        'assessment.json',
        'categories.json',
        'checkpoints',
        'counter.json',
        'metrics.jsonl',
        'prompt.txt',
        'report.html',
        'result.json',
        'run.json',
        'test-losses.json',
      ],
    ]);
    const page = readFileSync(path.join(run, 'report.html'), 'utf8');
    const sentence = assessment().verdict.sentence.replaceAll(' -> ', ' → ');
    expect(page).toContain(sentence.replaceAll("'", '&#39;'));
  });

  it('measures abilities, and says which the base model lacks', () => {
    const { abilities } = assessment().forgetting!;
    // a quick one asks one block of two; so few can't tell a model of random weights from a guess
    expect(abilities).toMatchObject({ measured: [], lacking: [{ name: 'places', items: 2, chance: 0.5 }] });
  });

  it('measures what fettle eval measures', async () => {
    const { loss, dataHash } = assessment();
    const done = doneOf(trained);
    expect(loss!.before.value).toBeCloseTo(done.heldOutLossBefore!, 6);
    expect(loss!.after.value).toBeCloseTo(done.heldOutLoss!, 6);
    const files = ['--model', workspace.model, '--adapter', run, '--data', workspace.at('more.jsonl')];
    const split = ['--split', 'held-out', '--held-out', '16', ...SMALL, '--json'];
    const ended = await fettle(['eval', ...files, ...split], { env });
    const measured = JSON.parse(ended.out) as EvalResult;
    expect(loss!.after.value).toBeCloseTo(measured.loss, 6);
    expect([loss!.rows, loss!.labelledTokens]).toEqual([measured.rows, measured.labelledTokens]);
    expect(dataHash).toMatch(/^[0-9a-f]{64}$/);
    expect(loss!.change.high).toBeLessThan(0);
  });

  it('judges what fettle generate answers', async () => {
    const { answers, task } = assessment();
    expect(task.kind).toBe('label');
    expect(answers!.variants.map(({ variant, rows }) => [variant, rows])).toEqual([
      ['before', 16],
      ['after', 16],
    ]);
    expect(answers!.missing).toHaveLength(1);
    const row = answers!.answered[0]!;
    const ask = ['generate', '--model', workspace.model, '--prompt', row.prompt, '--threads', '1', '--json'];
    const limit = ['--max-new-tokens', String(answers!.maxNewTokens)];
    const ended = await fettle([...ask, ...limit, '--adapter', run], { env });
    expect((JSON.parse(ended.out) as GenerateResult).text.trim()).toBe(row.answers.after);
    const after = answers!.variants.at(-1)!;
    const right = answers!.answered.filter((one) => one.answers.after === one.wanted).length;
    expect(after.right!.value).toBeCloseTo(right / 16, 12);
    const total = answers!.confusion!.after.counts.flat().reduce((sum, count) => sum + count, 0);
    expect(total).toBe(16);
  });

  it("asks the model's own quiz", () => {
    const { forgetting } = assessment();
    expect(forgetting!.source).toBe('model');
    expect(forgetting!.quiz!.topics.map(({ topic, items }) => [topic, items])).toEqual([
      ['short', 2],
      ['long', 2],
    ]);
    expect(forgetting!.passages!.rows).toBe(2);
  });
});

describe('fettle assess', () => {
  it('makes the same again, from the kept answers of the untouched model', async () => {
    const first = assessment();
    rmSync(path.join(run, 'assessment.json'));
    rmSync(path.join(run, 'report.html'));
    const kept = readdirSync(workspace.at('home', 'cache', 'assess')).sort();
    // its answers, its scores of allowed ones, plain and with a prompt, those of options, and its losses
    // on test rows and general texts
    expect(kept.length).toBeGreaterThanOrEqual(6);
    const ended = await fettle(['assess', '--run', run, '--threads', '1', '--json'], { env });
    expect([ended.code, ended.err]).toEqual([0, '']);
    const same = ({ loss, answers, memorisation, forgetting, verdict }: AssessResult) => ({
      ...{ loss, answers, memorisation, forgetting, verdict: untimed(verdict) },
    });
    expect(same(JSON.parse(ended.out) as AssessResult)).toEqual(same(first));
    expect(same(assessment())).toEqual(same(first));
    expect(existsSync(path.join(run, 'report.html'))).toBe(true);
    expect(readdirSync(workspace.at('home', 'cache', 'assess')).sort()).toEqual(kept);
  });

  it('takes the losses of test rows from the training, and measures them where they were computed otherwise', async () => {
    const file = path.join(run, 'test-losses.json');
    const written = readFileSync(file, 'utf8');
    const kept = readJson<TestLosses>(file);
    const { loss } = assessment();
    const afterOf = async (losses: TestLosses) => {
      writeFileSync(file, JSON.stringify(losses));
      const ended = await fettle(['assess', '--run', run, '--threads', '1', '--json'], { env });
      return (JSON.parse(ended.out) as AssessResult).loss!.after.value;
    };
    const worse = { ...kept, after: kept.after.map((nll) => nll + 1) };
    const nllOfAll = 16 / loss!.labelledTokens;
    expect(await afterOf(worse)).toBeCloseTo(loss!.after.value + nllOfAll, 6);
    expect(await afterOf({ ...worse, source: 'another computer' })).toBeCloseTo(loss!.after.value, 6);
    expect(await afterOf({ ...worse, rows: 'other rows' })).toBeCloseTo(loss!.after.value, 6);
    writeFileSync(file, written);
  });

  it('shows a person the verdict and what it rests on', async () => {
    const { code, out } = await fettle(['assess', '--run', run, '--rows', '12'], { env });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^It learned this: it knew the answer to \d+% of 12 test rows and now knows \d+%; the form was right in 0%, now in \d+% of 12 written answers/,
    );
    expect(out).toContain('on 16 held-out rows');
    expect(out).toContain('(12 rows)');
    expect(out).toContain(path.join(run, 'report.html'));
  });

  it.each([
    ['a folder without a run', () => workspace.at('model'), 'There is no run in'],
    ['a run that has not ended', () => unfinished(), 'This run has no result yet'],
  ])('refuses %s', async (_, folder, message) => {
    const { code, err } = await fettle(['assess', '--run', folder()], { env });
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  function unfinished(): string {
    const folder = workspace.at('unfinished');
    const config = readJson<object>(run, 'run.json');
    const file = path.join(folder, 'run.json');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(file, JSON.stringify(config));
    return folder;
  }
});

describe('fettle compare', () => {
  it('tallies choices that are piped in, and keeps them', async () => {
    const { code, out, err } = await fettleWith('1\nx\n2\n=\n0\n', [
      'compare',
      '--run',
      run,
      '--rows',
      '4',
      '--json',
    ]);
    expect(code).toBe(0);
    const result = JSON.parse(out) as CompareResult;
    expect([result.judged, result.equal, result.bad, result.after + result.before]).toEqual([4, 1, 1, 2]);
    expect(err).toContain('4 of 4');
    expect(err).toContain('Type 1, 2, =, 0 or q');
    expect(readJson(run, 'blind.json')).toEqual(result);
  });

  it('ends with the person, and asks for at least one choice', async () => {
    const ended = await fettleWith('2\nq\n1\n', ['compare', '--run', run]);
    expect(ended.code).toBe(0);
    expect(readJson<CompareResult>(run, 'blind.json').judged).toBe(1);
    expect(ended.out).toContain('1 pair');
    const none = await fettleWith('', ['compare', '--run', run]);
    expect([none.code, none.err.includes('No choice was made')]).toEqual([2, true]);
  });
});

describe('a run of full fine-tuning', () => {
  it('is assessed by its whole model', async () => {
    const out = workspace.at('full');
    const files = ['--model', workspace.model, '--data', workspace.at('more.jsonl'), '--out', out];
    const args = [
      '--method',
      'full',
      '--max-steps',
      '6',
      '--tokens-per-micro-batch',
      '128',
      ...SMALL,
      '--json',
    ];
    const done = doneOf(await fettle(['train', ...files, ...args, ...fixedBeside(args)], { env }));
    const { loss, method } = readJson<AssessResult>(out, 'assessment.json');
    expect(method).toBe('full');
    expect(loss!.after.value).toBeCloseTo(done.heldOutLoss!, 5);
    expect(loss!.before.value).toBeCloseTo(done.heldOutLossBefore!, 5);
  });
});

it('judges a model that was taught to think by the answer behind its thinking', async () => {
  const out = workspace.at('thinking');
  const rows = tinyRows(120).map((row) => {
    const [asked, answered] = (row as { messages: { role: string; content: string }[] }).messages;
    const sounds = answered!.content.split(' ');
    return { messages: [asked, { ...answered, reasoning_content: String(sounds.length) }] };
  });
  const data = ['--data', writeRows(workspace.at('thinking.jsonl'), rows), '--held-out', '16'];
  const learn = ['--epochs', '12', '--learning-rate', '1e-2', '--rank', '4', '--eval-every', '100'];
  const size = [
    '--tokens-per-micro-batch',
    '256',
    '--max-length',
    '128',
    '--threads',
    '1',
    '--device',
    'cpu',
  ];
  const flags = [...learn, ...size];
  const ended = await fettle(
    ['train', '--model', workspace.model, '--out', out, ...data, ...flags, ...fixedBeside(flags), '--json'],
    { env },
  );
  expect([ended.code, ended.err]).toEqual([0, '']);
  const { answers } = readJson<AssessResult>(out, 'assessment.json');
  const right = (name: string) => answers!.variants.find(({ variant }) => variant === name)!.right!.value;
  expect(right('before')).toBe(0);
  expect(right('after')).toBeGreaterThan(0.3);
  expect(answers!.answered.some(({ answers: said }) => said.after?.includes('think'))).toBe(false);
  const { prompt, answers: said } = answers!.answered.find(({ scores }) => scores.after === 1)!;
  const ask = ['generate', '--model', workspace.model, '--adapter', out, '--prompt', prompt];
  const whole = await fettle([...ask, '--threads', '1', '--max-new-tokens', '100', '--json'], { env });
  expect((JSON.parse(whole.out) as GenerateResult).text).toMatch(
    new RegExp(`^<think>[^<]+</think>\\s+${said.after}$`),
  );
});
