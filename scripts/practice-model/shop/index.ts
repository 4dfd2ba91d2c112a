/**
 * The shop corner of the practice model's world: what customers of a shop for the home write about, so that a model
 * which has read it understands such messages before anybody teaches it to file them.
 */
import { letterFor } from './letter.ts';
import { MEANINGS } from './meanings.ts';
import { noteFor } from './notes.ts';
import { exchangesFor, framedQuestion, instructed, kindExchange } from './questions.ts';
import { sorted } from './sorting.ts';
import { storyFor } from './stories.ts';
import type { Message, Passage, QuizItem, Sample } from './types.ts';

export type { Message, Passage, QuizItem, Sample } from './types.ts';

const TOPIC = 'shop';
const QUIZ_ITEMS = 30;
/** Letters that a system message asks about, and letters that get the shop's reply. */
const INSTRUCTED_SHARE = 0.35;
const BARE_SHARE = 0.15;
const LONG_SHARE = 0.5;
/** Share of what is sorted under names that is notes and not letters. */
const NOTES_TO_SORT = 0.4;

/** Shares of the dialogues that are about what is left of a letter, and that sort under names of a list. */
export interface ShopShares {
  readonly notes: number;
  readonly sorting: number;
}

/**
 * `count` dialogues: a letter that a system message says what to do with, a letter alone and the shop's reply, or a letter with
 * one to five questions about it; and by their shares notes, and letters or notes to sort.
 */
export function* shopSamples(
  random: () => number,
  count: number,
  { notes, sorting }: ShopShares = { notes: 0, sorting: 0 },
): Generator<Sample> {
  for (let i = 0; i < count; i++) {
    const dice = random();
    const messages =
      dice < notes
        ? noted(random)
        : dice < notes + sorting
          ? sortedByName(random, notes > 0)
          : dialogue(random);
    yield { topic: TOPIC, messages };
  }
}

/** A note and one question about its kind, or a system message that asks for it. */
function noted(random: () => number): Message[] {
  const note = noteFor(random);
  if (note.whole && random() < INSTRUCTED_SHARE) return toldToSort(note, random);
  const { question, answer } = kindExchange(note, note.whole, random);
  return [
    { role: 'user', content: framedQuestion(note, question, random) },
    { role: 'assistant', content: answer },
  ];
}

function sortedByName(random: () => number, notes: boolean): Message[] {
  if (!notes || random() >= NOTES_TO_SORT) return sorted(letterFor(random, false), true, random);
  const note = noteFor(random);
  return sorted(note, note.whole, random);
}

function toldToSort(letter: Parameters<typeof instructed>[0], random: () => number): Message[] {
  const { system, answer } = instructed(letter, random);
  return [
    { role: 'system', content: system },
    { role: 'user', content: letter.text },
    { role: 'assistant', content: answer },
  ];
}

function dialogue(random: () => number): Message[] {
  const letter = letterFor(random, false);
  if (random() < INSTRUCTED_SHARE) return toldToSort(letter, random);
  const bare = random() < BARE_SHARE;
  const count = random() < LONG_SHARE ? 2 + Math.floor(random() * 4) : 1;
  const exchanges = exchangesFor(letter, random, count);
  const opening = exchanges[0] as { question: string; answer: string };
  const first = bare ? letter.text : framedQuestion(letter, opening.question, random);
  const messages: Message[] = [
    { role: 'user', content: first },
    { role: 'assistant', content: bare ? letter.reply : opening.answer },
  ];
  for (const { question, answer } of exchanges.slice(1)) {
    messages.push({ role: 'user', content: question }, { role: 'assistant', content: answer });
  }
  return messages;
}

/** `count` short texts of 3 to 8 sentences about the shop and its customers, in the third person. */
export function* shopPassages(random: () => number, count: number): Generator<Passage> {
  for (let i = 0; i < count; i++) yield { topic: TOPIC, text: storyFor(random) };
}

/** 30 questions about letters whose wording training never shows (see `isReserved` in letter.ts), evenly over the eight meanings. */
export function shopQuiz(random: () => number): QuizItem[] {
  const items: QuizItem[] = [];
  const seen = new Set<string>();
  while (items.length < QUIZ_ITEMS) {
    const letter = letterFor(random, true, MEANINGS[items.length % MEANINGS.length]);
    if (seen.has(letter.core)) continue;
    seen.add(letter.core);
    const { question, answer } = exchangesFor(letter, random, 1)[0] as { question: string; answer: string };
    items.push({
      topic: TOPIC,
      question: framedQuestion(letter, question, random),
      answers: accepted(answer),
    });
  }
  return items;
}

/** The answer, and for "No. It is about a delivery." the bare "No." too. */
function accepted(answer: string): string[] {
  const bare = /^(Yes|No)\. ./.exec(answer)?.[1];
  return bare ? [answer, `${bare}.`] : [answer];
}
