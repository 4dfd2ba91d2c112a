/** Words for what a model can do, kind by kind, as terminal, report and pages share them. */
import type { AbilityFigures, AbilityScore } from '../protocol/protocol.ts';
import { percent } from './format.ts';
import { said, say } from './language.ts';
import { marks } from './marks.ts';

/** Kinds of questions by the name that a file of them has; translated where they are shown. */
export const ABILITIES: Readonly<Record<string, string>> = {
  facts: 'Everyday facts',
  arithmetic: 'Arithmetic',
  code: 'Code',
  instructions: 'Following instructions',
  refusals: 'Refusing harm',
  words: 'Words',
  german: 'German',
  french: 'French',
  spanish: 'Spanish',
  japanese: 'Japanese',
  chinese: 'Chinese',
};

/** A model's own questions may be of other kinds, which are called as its file calls them. */
export function abilityName(name: string): string {
  return Object.hasOwn(ABILITIES, name) ? said(ABILITIES[name]!) : name;
}

/** Topics of the general questions and texts, Fettle's and the practice model's, by the name that their files have. */
export const TOPICS: Readonly<Record<string, string>> = {
  arithmetic: 'Arithmetic',
  facts: 'Everyday facts',
  instructions: 'Following instructions',
  chat: 'Chat',
  commonsense: 'Common sense',
  honesty: 'Honesty',
  reading: 'Reading',
  reasoning: 'Reasoning',
  words: 'Words',
  dialogue: 'Dialogues',
  everyday: 'Everyday life',
  history: 'World history',
  'how-to': 'How to do things',
  letters: 'Letters',
  nature: 'Nature',
  'news-like': 'News',
  science: 'Science',
  animals: 'Animals',
  colours: 'Colours',
  copying: 'Copying',
  days: 'Days',
  feelings: 'Feelings',
  format: 'Formats',
  numbers: 'Numbers',
  people: 'People',
  places: 'Places',
  reasons: 'Reasons',
  shop: 'Shop',
  stories: 'Stories',
};

/** A model's own questions may have other topics, which are called as its file calls them. */
export function topicName(topic: string): string {
  return Object.hasOwn(TOPICS, topic) ? said(TOPICS[topic]!) : topic;
}

/** A kind with its share of right answers, before and after: Arithmetic 64% → 21%. */
export function abilityChange({ name, before, after }: AbilityScore): string {
  return `${abilityName(name)} ${percent(before.value)} → ${percent(after.value)}`;
}

/** What the base model can't do, so that nothing of it can be forgotten; null where there is nothing of that kind. */
export function lackingText({ lacking }: AbilityFigures): string | null {
  if (lacking.length === 0) return null;
  const names = lacking.map(({ name }) => abilityName(name)).join(marks().comma);
  return say`Left out, because the base model does no better than guessing: ${names}.`;
}
