/** What a model can do, kind by kind: questions whose likeliest answer is compared with the right one, before and after. */
import type { AbilityFigures, AbilityScore } from '../../../../common/protocol/protocol.ts';
import { sum } from '../../../../common/values.ts';
import type { Choice } from '../classify/choices.ts';
import { likeliest } from '../generator.ts';
import { atLeast, rate, rateDifference, signTest } from './statistics.ts';

/**
 * Questions with the same options, each of which is right once. A model that does not hear the question always says the same and gets exactly
 * its chance; and how much it likes an option whatever is asked shows in the others of the block, so that it can be taken away.
 */
export interface AbilityBlock {
  readonly ability: string;
  readonly options: readonly string[];
  /** The first option is right for the first question, and so on. */
  readonly questions: readonly string[];
}

export interface AbilityItem extends Choice {
  readonly ability: string;
  /** The place of the right option. */
  readonly right: number;
}

/** Of each ability what a quick comparison asks: two thirds of its blocks, the first. */
const QUICK = 2 / 3;

export function fewerBlocks(blocks: readonly AbilityBlock[]): AbilityBlock[] {
  return [...Map.groupBy(blocks, ({ ability }) => ability).values()].flatMap((own) =>
    own.slice(0, Math.round(QUICK * own.length)),
  );
}

export function abilityItems(blocks: readonly AbilityBlock[]): AbilityItem[] {
  return blocks.flatMap(({ ability, options, questions }) =>
    questions.map((question, right) => ({ ability, question, options, right })),
  );
}

/** Log-probabilities of each question's options; null where it was too long for the model. */
type Scores = readonly (readonly number[] | null)[];

/** Which option each question makes likelier than its block does on average; null for a block that was not asked whole. */
type Chosen = readonly (number | null)[];

function chosenBy(items: readonly AbilityItem[], scores: Scores): Chosen {
  const chosen = new Array<number | null>(items.length).fill(null);
  for (const places of Map.groupBy(items.keys(), (place) => items[place]!.options).values()) {
    const block = places.flatMap((place) => scores[place] ?? []);
    const count = items[places[0]!]!.options.length;
    if (block.length < places.length * count) continue;
    const usual = Array.from({ length: count }, (_, option) =>
      sum(places.map((place) => scores[place]![option]!)),
    );
    for (const place of places)
      chosen[place] = likeliest(
        scores[place]!.map((score, option) => score - usual[option]! / places.length),
      );
  }
  return chosen;
}

/** How likely luck alone may be, for all abilities of a comparison together. */
const SURE = 0.05;

interface Asked {
  readonly name: string;
  readonly places: readonly number[];
  readonly chance: number;
}

function byAbility(items: readonly AbilityItem[], before: Chosen): Asked[] {
  const places = [...items.keys()].filter((place) => before[place] !== null);
  return [...Map.groupBy(places, (place) => items[place]!.ability)].map(([name, own]) => ({
    name,
    places: own,
    chance: sum(own.map((place) => 1 / items[place]!.options.length)) / own.length,
  }));
}

/** Whether so many right answers are more than luck, also where one of `tests` abilities is lucky sooner than a single one (Bonferroni). */
function canDo({ places, chance }: Asked, isRight: (place: number) => boolean, tests: number): boolean {
  return atLeast(places.filter(isRight).length, places.length, chance) < SURE / tests;
}

/** The questions of those abilities that the base model has: a trained model need not be asked the others. */
export function knownItems(items: readonly AbilityItem[], scores: Scores): AbilityItem[] {
  const before = chosenBy(items, scores);
  const isRight = (place: number) => before[place] === items[place]!.right;
  const asked = byAbility(items, before);
  return asked
    .filter((one) => canDo(one, isRight, asked.length))
    .flatMap(({ places }) => places.map((place) => items[place]!));
}

/** The figures of each ability; `after` has the trained model's scores of `knownItems`, in their order. */
export function abilityFigures(
  items: readonly AbilityItem[],
  scores: { readonly before: Scores; readonly after: Scores },
): AbilityFigures {
  const before = chosenBy(items, scores.before);
  const known = knownItems(items, scores.before);
  const after = chosenBy(known, scores.after);
  const later = new Map(known.map((item, i) => [item, after[i]]));
  const wasRight = (place: number) => before[place] === items[place]!.right;
  const isRight = (place: number) => later.get(items[place]!) === items[place]!.right;
  const asked = byAbility(items, before);
  const facts = ({ name, places, chance }: Asked) => ({
    name,
    items: places.length,
    chance,
    before: rate(places.filter(wasRight).length, places.length),
  });
  const measured = asked.filter((one) => canDo(one, wasRight, asked.length));
  return {
    measured: measured.map((one): AbilityScore => {
      const [then, now] = [one.places.map(wasRight), one.places.map(isRight)];
      return {
        ...facts(one),
        after: rate(now.filter(Boolean).length, now.length),
        change: rateDifference(then, now),
        fell: hasFallen(then, now, measured.length),
      };
    }),
    lacking: asked.filter((one) => !measured.includes(one)).map(facts),
  };
}

/** By the sign test, for all abilities together. */
function hasFallen(then: readonly boolean[], now: readonly boolean[], tests: number): boolean {
  const lost = then.filter((right, i) => right && !now[i]).length;
  const won = now.filter((right, i) => right && !then[i]).length;
  return lost > won && signTest(won, lost) < SURE / tests;
}
