/**
 * The general world of the practice model: dialogues, texts and a quiz about simple everyday things. It all comes from
 * one grammar, so the quiz asks only what training teaches, and the split by hash keeps its questions out of training.
 */
import { drawSample, type Emphasis, TOPICS, topicDraw, topicQuiz } from './dialogues.ts';
import { drawPassage } from './passages.ts';
import { isHeldOut } from './split.ts';
import type { Passage, QuizItem, Random, Sample } from './types.ts';

export type { Passage, QuizItem, Sample } from './types.ts';

const HELD_OUT_PASSAGES = 60;

/** The twelve topics of the quiz; training also has small talk, as topic "talk". */
export const WORLD_TOPICS: readonly string[] = TOPICS.map((topic) => topic.name);

/** `count` training dialogues; with an emphasis some topics come more often than usual. */
export function* worldSamples(random: Random, count: number, emphasis: Emphasis = {}): Generator<Sample> {
  const drawTopic = topicDraw(emphasis);
  for (let i = 0; i < count; i++) yield drawSample(random, drawTopic);
}

/** `count` training texts. */
export function* worldPassages(random: Random, count: number): Generator<Passage> {
  for (let i = 0; i < count; ) {
    const passage = drawPassage(random);
    if (isHeldOut(passage.text)) continue;
    i++;
    yield passage;
  }
}

/** The quiz: 20 held-out questions of each topic. */
export function worldQuiz(random: Random): QuizItem[] {
  return TOPICS.flatMap((topic) => topicQuiz(topic, random));
}

/** 60 short texts that training never sees. */
export function worldHeldOutPassages(random: Random): Passage[] {
  const found = new Map<string, Passage>();
  while (found.size < HELD_OUT_PASSAGES) {
    const passage = drawPassage(random);
    if (isHeldOut(passage.text)) found.set(passage.text, passage);
  }
  return [...found.values()];
}
