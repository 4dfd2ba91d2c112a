/** What the demo asks a model, and how it judges the answers: by counting, because one good answer may be luck. */
import { readFile } from 'node:fs/promises';
import { internal } from '../errors.ts';

export interface Question {
  readonly message: string;
  readonly answer: string;
}

/** How the model answers the independent messages. */
export interface Answers {
  /** Answers that are a line of JSON with a topic, as all training answers are. */
  readonly wellFormed: number;
  /** Answers that are the wanted ones to the letter. */
  readonly right: number;
  readonly first: string;
}

/** Counts the well-formed and the right ones of `texts`, the answers to `questions` in their order. */
export function judged(questions: readonly Question[], texts: readonly string[]): Answers {
  return {
    wellFormed: texts.filter(isWellFormed).length,
    right: texts.filter((text, i) => text === questions[i]?.answer).length,
    first: texts[0] ?? '',
  };
}

/** The rows of a file of conversations with one question each. */
export async function readQuestions(file: string): Promise<Question[]> {
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: { role: string; content: string }[] };
    const [message, answer] = ['user', 'assistant'].map(
      (role) => messages.find((turn) => turn.role === role)?.content,
    );
    if (message === undefined || answer === undefined)
      throw internal(`${file} has a row without question and answer`);
    return { message, answer };
  });
}

/** Whether `text` is a line of JSON with a topic, as all training answers are. */
function isWellFormed(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as { topic?: unknown }).topic === 'string';
  } catch {
    return false;
  }
}

/** How often the most frequent text occurs. */
export function commonest(texts: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

/** Text on one line, what cannot be printed as dots, not longer than a terminal's line. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an untrained model writes them
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\ufffd]/g, '·');
  return clean.length > 90 ? `${clean.slice(0, 89)}…` : clean;
}
