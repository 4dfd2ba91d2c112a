/** Turns into dialogues: follow-ups, system messages that are obeyed, thanks at the end; and the quiz from the same. */
import text from '../../../resources/practice-model/source/world/dialogues.json' with { type: 'json' };
import { pick } from '../draw.ts';
import { weighted } from './facts.ts';
import { isHeldOut, normalised } from './split.ts';
import { animals } from './topics/animals.ts';
import { colours } from './topics/colours.ts';
import { copying } from './topics/copying.ts';
import { days } from './topics/days.ts';
import { feelings } from './topics/feelings.ts';
import { format } from './topics/format.ts';
import { numbers } from './topics/numbers.ts';
import { people } from './topics/people.ts';
import { places } from './topics/places.ts';
import { reading } from './topics/reading.ts';
import { reasons } from './topics/reasons.ts';
import { repeating } from './topics/repeating.ts';
import { talk } from './topics/talk.ts';
import { wordsTopic } from './topics/words.ts';
import type { Message, QuizItem, Random, Sample, Topic, Turn } from './types.ts';

export const TOPICS: readonly Topic[] = [
  people,
  animals,
  places,
  colours,
  numbers,
  days,
  wordsTopic,
  reasons,
  feelings,
  format,
  copying,
  reading,
];

/** How much more often than usual topics come; those that are not named come as usual. */
export type Emphasis = Readonly<Record<string, number>>;

/** A draw of topics by their weights. */
export function topicDraw(emphasis: Emphasis = {}): (random: Random) => Topic {
  return weighted([...TOPICS, talk, repeating], (topic) => topic.weight * (emphasis[topic.name] ?? 1));
}

const MULTI_TURN = 0.15;
const WITH_SYSTEM = 0.1;
const ANSWERS_PER_TOPIC = 20;
/** Topics whose own questions say how to answer: a system message would contradict them. */
const SELF_FORMATTED = new Set(['format', 'copying', 'talk', 'repeating']);

const { NEUTRAL, IN_SHORT, IN_CAPITALS } = text;

function obeying(
  turns: readonly Turn[],
  topic: Topic,
  random: Random,
): { system: string; turns: readonly Turn[] } {
  const kind = random();
  const free = !SELF_FORMATTED.has(topic.name);
  if (free && kind < 0.35 && turns.every((turn) => turn.short !== undefined)) {
    return {
      system: pick(random, IN_SHORT),
      turns: turns.map((turn) => ({ ...turn, answer: turn.short as string })),
    };
  }
  if (free && kind < 0.55) {
    return {
      system: pick(random, IN_CAPITALS),
      turns: turns.map((turn) => ({ ...turn, answer: turn.answer.toUpperCase() })),
    };
  }
  return { system: pick(random, NEUTRAL), turns };
}

const THANKS = ['Thank you!', 'Thanks!', 'Thanks a lot!'];
const thanked = (turns: readonly Turn[], random: Random): readonly Turn[] =>
  turns.length < 3 && random() < 0.15
    ? [...turns, { question: pick(random, THANKS), answer: 'You are welcome!' }]
    : turns;

const messagesOf = (turns: readonly Turn[]): Message[] =>
  turns.flatMap((turn) => [
    { role: 'user', content: turn.question },
    { role: 'assistant', content: turn.answer },
  ]);

function dialogue(topic: Topic, random: Random): Sample | undefined {
  const several = random() < MULTI_TURN;
  const asked = several ? topic.talk(random) : [topic.turn(random)];
  if (TOPICS.includes(topic) && asked.some((turn) => isHeldOut(turn.key ?? turn.question))) return undefined;
  const drawn = several ? thanked(asked, random) : asked;
  if (random() >= WITH_SYSTEM) return { topic: topic.name, messages: messagesOf(drawn) };
  const { system, turns } = obeying(drawn, topic, random);
  return { topic: topic.name, messages: [{ role: 'system', content: system }, ...messagesOf(turns)] };
}

/** One training dialogue, none of whose questions is held out. */
export function drawSample(random: Random, drawTopic: (random: Random) => Topic): Sample {
  const topic = drawTopic(random);
  for (;;) {
    const sample = dialogue(topic, random);
    if (sample) return sample;
  }
}

/** What of a turn can be right: the answer itself and, for a question of facts, its short form. */
const accepted = (turn: Turn) =>
  turn.short === undefined || turn.short === turn.answer ? [turn.answer] : [turn.answer, turn.short];

/** Twenty held-out questions of a topic, each sentence as an answer once, single words at most twice. */
export function topicQuiz(topic: Topic, random: Random): QuizItem[] {
  const items = new Map<string, QuizItem>();
  const used = new Map<string, number>();
  while (items.size < ANSWERS_PER_TOPIC) {
    const turn = topic.turn(random);
    const name = normalised(turn.question);
    const times = used.get(turn.answer) ?? 0;
    if (
      !isHeldOut(turn.key ?? turn.question) ||
      items.has(name) ||
      times >= (turn.answer.includes(' ') ? 1 : 2)
    )
      continue;
    used.set(turn.answer, times + 1);
    items.set(name, { topic: topic.name, question: turn.question, answers: accepted(turn) });
  }
  return [...items.values()];
}
