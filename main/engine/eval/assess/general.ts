/** The material that shows what a model forgot: bundled with Fettle, or shipped in the model's own folder. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { resourcesFolder } from '../../../paths.ts';
import { type Passage, parsePassages, parseQuiz, type QuizItem } from './quiz.ts';

export interface GeneralMaterial {
  readonly source: 'bundled' | 'model';
  readonly quiz: readonly QuizItem[];
  readonly passages: readonly Passage[];
}

/**
 * The quiz and passages for the model at `modelPath`. A folder with a quiz.jsonl or a passages.jsonl of its own is taken
 * at its word: a model with a small world is asked about that world and nothing else.
 */
export async function generalMaterial(modelPath: string): Promise<GeneralMaterial> {
  const isFolder = await stat(modelPath).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  const own = isFolder ? await materialIn(modelPath) : null;
  if (own) return { source: 'model', ...own };
  const bundled = await materialIn(path.join(resourcesFolder(), 'general'));
  return { source: 'bundled', ...(bundled ?? { quiz: [], passages: [] }) };
}

async function materialIn(folder: string): Promise<Omit<GeneralMaterial, 'source'> | null> {
  const [quizFile, passageFile] = [path.join(folder, 'quiz.jsonl'), path.join(folder, 'passages.jsonl')];
  const [quiz, passages] = await Promise.all([textOf(quizFile), textOf(passageFile)]);
  if (quiz === null && passages === null) return null;
  return {
    quiz: quiz === null ? [] : parseQuiz(quiz, quizFile),
    passages: passages === null ? [] : parsePassages(passages, passageFile),
  };
}

function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/** Up to `count` items, every topic in proportion, in the order of the file: the first of each topic. */
export function shortened<T extends { readonly topic: string }>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const seen = new Map<string, number>();
  const ranked = items.map((item, place) => {
    const rank = seen.get(item.topic) ?? 0;
    seen.set(item.topic, rank + 1);
    return { item, place, rank };
  });
  const kept = ranked.toSorted((a, b) => a.rank - b.rank || a.place - b.place).slice(0, count);
  return kept.sort((a, b) => a.place - b.place).map(({ item }) => item);
}
