/** What the base model said and what it lost, kept for other runs on it and for other comparisons. */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../atomic.ts';
import type { Decision } from './scores.ts';

export interface Question {
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
  /** When its answer need not go on. */
  readonly decision: Decision | null;
  /** Whether special tokens are part of its answer: some models write calls of tools between such. */
  readonly showsSpecial?: boolean;
}

export interface Answer {
  readonly text: string;
  readonly newTokens: number;
}

/** Asks all of `questions` and tells each answer as it comes, with its place among them. */
export type Ask = (
  questions: readonly Question[],
  onAnswer: (index: number, answer: Answer) => void,
) => Promise<void>;

/** Changed when what is computed from the same inputs changes. */
const VERSION = 2;
/** Answers that are kept of a model, the newest. */
const MOST_ANSWERS = 20_000;
/** Of all models together; what was not asked for longest goes. */
const MOST_BYTES = 64 * 2 ** 20;

export class BaseCache {
  readonly #folder: string;
  readonly #model: string;

  readonly #mostBytes: number;

  /** A cache in `folder`; `model` names everything that the figures depend on besides what is asked. */
  constructor(folder: string, model: string, mostBytes = MOST_BYTES) {
    this.#folder = folder;
    this.#model = `${VERSION} ${model}`;
    this.#mostBytes = mostBytes;
  }

  /** What was kept for `kind` and `asked` and `serves`, else the result of `compute`, plain JSON, which is then kept if it is not null. */
  async get<T>(
    kind: string,
    asked: unknown,
    compute: () => Promise<T>,
    serves: (kept: NonNullable<T>) => boolean = () => true,
  ): Promise<T> {
    const file = this.#file(kind, asked);
    const kept = await read<{ value: NonNullable<T> }>(file);
    if (kept && serves(kept.value)) return kept.value;
    const value = await compute();
    if (value !== null) await this.#write(file, { value });
    return value;
  }

  /** Tells kept answers, and those to all other questions from `ask`, which are then kept, also where it is stopped. */
  async answers(
    questions: readonly Question[],
    onAnswer: (index: number, answer: Answer) => void,
    ask: Ask,
  ): Promise<void> {
    const file = this.#file('answers', null);
    const kept = (await read<Record<string, Answer>>(file)) ?? {};
    const keys = questions.map(({ prompt, maxNewTokens, decision, showsSpecial }) =>
      hashOf([prompt, maxNewTokens, decision?.name ?? null, ...(showsSpecial ? ['special'] : [])]),
    );
    const places = [...keys.keys()].filter((place) => !Object.hasOwn(kept, keys[place]!));
    keys.forEach((key, place) => {
      if (Object.hasOwn(kept, key)) onAnswer(place, kept[key]!);
    });
    if (places.length === 0) return;
    const missing = places.map((place) => questions[place]!);
    try {
      await ask(missing, (index, answer) => {
        const place = places[index]!;
        kept[keys[place]!] = answer;
        onAnswer(place, answer);
      });
    } finally {
      await this.#write(file, Object.fromEntries(Object.entries(kept).slice(-MOST_ANSWERS)));
    }
  }

  /** A cache that cannot be written costs time and nothing else. */
  async #write(file: string, value: unknown): Promise<void> {
    try {
      await writeFileAtomic(file, JSON.stringify(value));
      await dropOldest(this.#folder, this.#mostBytes);
    } catch {
      // another process may be dropping the same files
    }
  }

  #file(kind: string, asked: unknown): string {
    return path.join(this.#folder, `${kind}-${hashOf([this.#model, kind, asked])}.json`);
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** A file that is damaged or missing is made again. */
async function read<T>(file: string): Promise<T | null> {
  try {
    const kept = JSON.parse(await readFile(file, 'utf8')) as T;
    const now = new Date();
    // a place that is only read keeps its times
    await utimes(file, now, now).catch(() => undefined);
    return kept;
  } catch {
    return null;
  }
}

/** Removes files of `folder` until the rest has at most `mostBytes`: those first that were not read or written for longest. */
async function dropOldest(folder: string, mostBytes: number): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const file = path.join(folder, name);
        const { size, mtimeMs } = await stat(file);
        return { file, size, used: mtimeMs };
      }),
  );
  let bytes = 0;
  for (const { file, size } of files.toSorted((a, b) => b.used - a.used)) {
    bytes += size;
    if (bytes > mostBytes) await rm(file, { force: true });
  }
}
