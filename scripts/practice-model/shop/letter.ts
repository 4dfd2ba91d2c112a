/**
 * Builds one customer's letter from a situation: the facts first, then a wording, then what people put around it. A
 * share of the wordings is reserved for the quiz, decided by a hash of the words, so that training never sees them.
 */
import text from '../../../resources/practice-model/source/shop/letter.json' with { type: 'json' };
import { pick } from '../draw.ts';
import { expand, type Slots, tidy } from './grammar.ts';
import { MEANINGS } from './meanings.ts';
import { remarked, roughen } from './style.ts';
import type { Meaning, Situation } from './types.ts';
import {
  CALM,
  CLOSINGS,
  CROSS,
  DEADLINES,
  GREETINGS,
  OPENINGS,
  REMARKS,
  SLOTS,
  thingSlots,
} from './words.ts';

export interface Letter {
  text: string;
  /** The situation's own sentence, before anything was put around it. */
  core: string;
  meaning: Meaning;
  happened: string;
  reply: string;
  noun?: string;
  wants?: string;
  /** Why it cannot wait ("the party is tomorrow"); absent where it can. */
  urgent?: string;
  cross: boolean;
}

const RESERVED_ONE_IN = 16;

/** Whether a wording is kept for the quiz (FNV-1a over its characters). */
export function isReserved(core: string): boolean {
  let hash = 0x811c9dc5;
  for (let i = 0; i < core.length; i++) hash = Math.imul(hash ^ core.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % RESERVED_ONE_IN === 0;
}

/** A letter whose wording is, or is not, among those reserved for the quiz; `meaning` at random if not given. */
export function letterFor(random: () => number, reserved: boolean, meaning?: Meaning): Letter {
  for (;;) {
    const about = meaning ?? pick(random, MEANINGS);
    const situation = weighted(random, about.situations);
    const bound = new Map<string, string>();
    const slots: Slots = { ...SLOTS, ...thingSlots(situation.pool) };
    const core = tidy(expand(pick(random, situation.texts), slots, random, bound));
    if (isReserved(core) !== reserved) continue;
    const letter = around(about, situation, core, slots, bound, random);
    if (reserved) return letter;
    const remark = () => tidy(expand(pick(random, REMARKS), SLOTS, random, new Map()));
    return { ...letter, text: remarked(letter.text, remark, random) };
  }
}

/** Situations with many wordings come more often, and urgent ones twice as often as their wordings alone would make them. */
function weighted(random: () => number, situations: readonly Situation[]): Situation {
  const weights = situations.map((one) => one.texts.length * (one.urgent ? 2 : 1));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, situation] of situations.entries()) {
    left -= weights[i] as number;
    if (left < 0) return situation;
  }
  return situations[0] as Situation;
}

function around(
  meaning: Meaning,
  situation: Situation,
  core: string,
  slots: Slots,
  bound: Map<string, string>,
  random: () => number,
): Letter {
  const plural = firstThing(bound) === 'things';
  const noun = bound.get(firstThing(bound) ?? '');
  bound.set('it', plural ? 'them' : 'it');
  const say = (list: readonly string[]) => tidy(expand(pick(random, list), slots, random, bound));
  const chance = (share: number) => random() < share;
  const canBeCross = meaning.choice !== 'a thank-you' && !meaning.choice.startsWith('a question');
  const asides = plural ? meaning.asides.filter((aside) => !aside.startsWith('It ')) : meaning.asides;

  const deadline = situation.deadline && chance(0.18) ? say(DEADLINES) : '';
  const urgent =
    situation.urgent ?? (deadline ? `the ${bound.get('event')} is ${bound.get('soon')}` : undefined);
  const wish =
    meaning.wants.length > 0 && !situation.urgent && chance(0.6) ? pick(random, meaning.wants) : undefined;
  const cross = canBeCross && chance(0.13);
  const calm = !urgent && meaning.choice !== 'a thank-you' && chance(0.08) ? say(CALM) : '';
  const before = chance(0.12) ? say(asides) : '';
  const parts = [
    canBeCross && chance(0.07) ? say(OPENINGS) : '',
    before,
    deadline && chance(0.3) ? deadline : '',
    core,
  ];
  if (deadline && !parts.includes(deadline)) parts.push(deadline);
  const after = chance(0.3) ? say(asides) : '';
  parts.push(after === before ? '' : after, calm, cross ? say(CROSS) : '', wish ? say(wish.says) : '');
  parts.push(chance(0.25) ? say(meaning.asks) : '');

  const body = parts
    .filter(Boolean)
    .map((part) => (/[.?!,)]$/.test(part) ? part : `${part}.`))
    .join(' ');
  const facts = (text: string) => withNoun(text, noun, plural);
  return {
    text: roughen(framed(tidy(body), say, chance), noun, random),
    core,
    meaning,
    happened: facts(situation.happened),
    reply: facts(wish ? `${situation.reply} ${wish.promise}` : situation.reply),
    cross,
    ...(noun ? { noun } : {}),
    ...(wish || situation.wants ? { wants: wish?.wants ?? (situation.wants as string) } : {}),
    ...(urgent ? { urgent } : {}),
  };
}

function framed(
  body: string,
  say: (list: readonly string[]) => string,
  chance: (share: number) => boolean,
): string {
  if (chance(0.2)) return `${say(GREETINGS)}\n${body}\n${say(CLOSINGS)}`;
  const opened = chance(0.25) ? `${say(GREETINGS)} ${body}` : body;
  return chance(0.15) ? `${opened} ${say(CLOSINGS).replaceAll('\n', ' ')}` : opened;
}

function firstThing(bound: Map<string, string>): string | undefined {
  return [...bound.keys()].find((slot) => slot === 'thing' || slot === 'things');
}

const AGREEMENT: Readonly<Record<string, readonly string[]>> = text.AGREEMENT;

/** A fact with its noun and the verbs that agree; "something" where the message names no thing. */
export function withNoun(text: string, noun: string | undefined, plural: boolean): string {
  const named = noun
    ? text.replaceAll('[noun]', noun)
    : text.replace(/\b(?:the|your) \[noun\]/gi, 'something');
  const agreed = named.replace(/\[(is|has|does|works)\]/g, (_, verb: string) => {
    return AGREEMENT[verb]![plural ? 1 : 0]!;
  });
  return agreed.charAt(0).toUpperCase() + agreed.slice(1);
}
