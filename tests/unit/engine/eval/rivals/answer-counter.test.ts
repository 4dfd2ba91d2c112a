/** A word counter as a thing that is kept: its file, the two programs beside it, and files that are none. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SORTERS } from '../../../../../common/settings/sorters.ts';
import type { AnsweredText } from '../../../../../main/engine/eval/answered-text.ts';
import { probabilities } from '../../../../../main/engine/eval/classify/calibration.ts';
import { likeliest } from '../../../../../main/engine/eval/generator.ts';
import {
  answerScores,
  decidingWords,
  trainAnswerCounter,
} from '../../../../../main/engine/eval/rivals/answer-counter.ts';
import {
  type KeptCounter,
  readCounter,
  writeCounter,
} from '../../../../../main/engine/eval/rivals/counter-file.ts';
import { measuredCounter } from '../../../../../main/engine/eval/rivals/rivals.ts';
import { writePrograms } from '../../../../../main/engine/eval/rivals/sorter-file.ts';
import { resourcesFolder } from '../../../../../main/paths.ts';

/** Rows of a sample: their messages, with JSON answers, or the topic alone. */
async function sample(name: string, isWhole: boolean): Promise<AnsweredText[]> {
  const text = await readFile(path.join(resourcesFolder(), 'samples', `${name}.jsonl`), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
      const said = messages.find(({ role }) => role === 'user')!.content;
      const answer = messages.at(-1)!.content;
      return {
        text: said,
        answer: isWhole ? answer : String(Object.values(JSON.parse(answer) as object)[0]),
      };
    });
}

/** Texts that programs split in different ways where one of them is careless. */
const NASTY = [
  '',
  '…!?',
  'ÄRGER über die Straße, naïve Café-Gäste',
  'İstanbul ΟΔΟΣ',
  '退款 OK ありがとう ขอบคุณ',
  'e\u0301tude \u{1F600} a_b 3.14',
  'x'.repeat(5000),
  'line\none\ttwo\u00a0three',
];

let folder = '';
const kept: Record<string, KeptCounter> = {};
const asked: Record<string, string[]> = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-counter-'));
  for (const [name, isWhole] of [
    ['json', true],
    ['label', false],
  ] as const) {
    const [taught, held] = [
      await sample('support-messages', isWhole),
      await sample('support-messages.held-out', isWhole),
    ];
    const answers = [...new Set([...taught, ...held].map(({ answer }) => answer))];
    const own = [
      ...taught,
      ...NASTY.slice(2).map((text, i) => ({ text, answer: answers[i % answers.length]! })),
    ];
    kept[name] = await writeCounter(path.join(folder, name), measuredCounter(answers, own, held)!);
    await writePrograms(path.join(folder, name), 'words');
    asked[name] = [...held.map(({ text }) => text), ...NASTY];
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Said {
  readonly category: string;
  readonly score: number;
}

function saidBy({ counter, calibration }: KeptCounter, texts: readonly string[]): Said[] {
  return answerScores(counter, texts).map((scores) => {
    const chances = probabilities(scores, calibration.temperature);
    const best = likeliest(chances);
    return { category: counter.answers[best]!, score: chances[best]! };
  });
}

describe.each(['json', 'label'])('a counter of %s answers', (name) => {
  it('is read back as it was, and is right in most test rows', async () => {
    const back = await readCounter(path.join(folder, name));
    expect(back.calibration).toEqual(kept[name]!.calibration);
    expect(saidBy(back, asked[name]!)).toEqual(saidBy(kept[name]!, asked[name]!));
    expect(back.counter.parts.map(({ field }) => field)).toEqual(
      name === 'json' ? expect.arrayContaining([expect.any(String)]) : [null],
    );
    expect(back.calibration.accuracy.value).toBeGreaterThan(0.5);
  });

  it('says the same by the JavaScript beside it', async () => {
    const { sorter } = (await import(path.join(folder, name, SORTERS.words.programs[0]))) as {
      sorter(file: unknown): (text: string) => Said;
    };
    const sort = sorter(JSON.parse(await readFile(path.join(folder, name, SORTERS.words.file), 'utf8')));
    const ours = saidBy(kept[name]!, asked[name]!);
    for (const [i, text] of asked[name]!.entries()) {
      const { category, score } = sort(text);
      expect([text.slice(0, 40), category]).toEqual([text.slice(0, 40), ours[i]!.category]);
      expect(score).toBeCloseTo(ours[i]!.score, 9);
    }
  });

  it.skipIf(!hasPython())('says the same by the Python beside it', () => {
    const texts = asked[name]!.filter((text) => text.length < 1000);
    const said = execFileSync('python3', [path.join(folder, name, SORTERS.words.programs[1]), ...texts], {
      encoding: 'utf8',
    });
    const found = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as [string, number, number[]]);
    const ours = saidBy(kept[name]!, texts);
    expect(found.map(([category]) => category)).toEqual(ours.map(({ category }) => category));
    for (const [i, [, score]] of found.entries()) expect(score).toBeCloseTo(ours[i]!.score, 9);
  });
});

it('names the words that decided, which stand in the text', () => {
  const { counter } = kept.label!;
  const text = asked.label![0]!;
  const [scores] = answerScores(counter, [text]);
  const words = decidingWords(counter, text, likeliest(scores!));
  expect(words.length).toBeGreaterThan(0);
  for (const word of words) expect(text.toLowerCase()).toContain(word.split(' ')[0]);
  expect(decidingWords(counter, '…', 0)).toEqual([]);
});

it('runs from a terminal, too', () => {
  const said = execFileSync(
    process.execPath,
    [path.join(folder, 'label', SORTERS.words.programs[0]), 'Where is my parcel?'],
    {
      encoding: 'utf8',
    },
  );
  expect(kept.label!.counter.answers).toContain((JSON.parse(said) as Said).category);
});

type Part = { of: number[]; weights: unknown[] };
interface Kept {
  version: number;
  fettle: string;
  words: string[];
  calibration: { temperature: number };
  parts: Part[];
}

describe('a file that is none', () => {
  /** Reads a counter after `change`, which gives another text or changes what is in it. */
  const broken = async (change: (file: Kept) => string | undefined) => {
    const file = JSON.parse(await readFile(path.join(folder, 'label', SORTERS.words.file), 'utf8')) as Kept;
    const text = change(file);
    const out = await mkdtemp(path.join(folder, 'broken-'));
    await writeFile(path.join(out, SORTERS.words.file), text ?? JSON.stringify(file));
    return readCounter(out);
  };
  const changed = (change: (file: Kept) => void) => (file: Kept) => {
    change(file);
    return undefined;
  };
  it.each<[string, (file: Kept) => string | undefined]>([
    ['is no JSON', () => '{"fettle"'],
    ['is nothing', () => 'null'],
    ['is another thing', changed((file) => Object.assign(file, { fettle: 'soup' }))],
    ['lacks weights', changed((file) => Object.assign(file, { parts: undefined }))],
    ['has a word twice', changed(({ words }) => words.splice(1, 1, words[0]!))],
    ['has fewer weights than words', changed(({ parts }) => parts[0]!.weights.pop())],
    ['points beyond its labels', changed(({ parts }) => parts[0]!.of.fill(99))],
    ['has no temperature', changed(({ calibration }) => Object.assign(calibration, { temperature: 0 }))],
    [
      'has an endless weight',
      (file) => JSON.stringify(file).replace(/"intercept":\[[^,\]]+/, '"intercept":[1e999'),
    ],
  ])('is refused where it %s', async (_, change) => {
    await expect(broken(change)).rejects.toMatchObject({ code: 'bad-model' });
  });
  it('of a newer version says so', async () => {
    await expect(broken(changed((file) => Object.assign(file, { version: 2 })))).rejects.toMatchObject({
      code: 'bad-model-version',
    });
  });
  it('is no larger than a counter of so many words', async () => {
    expect((await stat(path.join(folder, 'json', SORTERS.words.file))).size).toBeLessThan(2 ** 20);
  });
});

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it('names words of scripts without spaces as they are written', () => {
  const taught = ['我要退款', '退款没有到账', '请退款给我', '快递还没到', '包裹在哪里', '包裹丢了'].map(
    (text, i) => ({
      text,
      answer: i < 3 ? '退款' : '物流',
    }),
  );
  const counter = trainAnswerCounter(['退款', '物流'], taught)!;
  const words = decidingWords(counter, '怎么申请退款？', 0);
  expect(words).toContain('退款');
  expect(words.filter((word) => word.includes(' '))).toEqual([]);
  expect(words).not.toContain('退');
});
