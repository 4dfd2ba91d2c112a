/**
 * The texts of the pages: messages in `words/`, by topic and name, in the language of the page. English decides which there are, and code
 * beside it what their values are; what a language lacks is shown in English.
 */

import { EXTRA_TOPICS } from '../../common/extras/words.ts';
import { ofRow } from '../../common/values.ts';
import { formatMessage, type Value, type Values } from '../../common/words/icu.ts';
import { LANGUAGES, type Language } from '../../common/words/language.ts';
import { language } from '../locale.ts';

/** The files of a language's texts. */
export const PAGE_TOPICS: readonly string[] = [
  'chat',
  'common',
  'glossary',
  'goals',
  'help',
  'history',
  'models',
  'result',
  'run',
  'settings',
  'sorter',
  'wizard',
  'wizard-data',
  'wizard-plan',
  ...EXTRA_TOPICS,
];

type Topics = Readonly<Record<string, unknown>>;

/** Stands for texts that are looked up by names which the code doesn't know beforehand. */
class ByName {
  readonly isByName = true;
}
export const byName = new ByName();

/** Texts that the page has in another form: words made from what `given` has, and put together by `make`. */
export class Composed<Made> {
  readonly given: unknown;
  readonly make: (words: never) => Made;
  constructor(given: unknown, make: (words: never) => Made) {
    this.given = given;
    this.make = make;
  }
}

export function composed<Words, Made>(given: unknown, make: (words: Words) => Made): Composed<Made> {
  return new Composed(given, make);
}

/** The texts as the pages use them: a function where a text has values, the others as they are. */
export type Texts<English, Given> = Given extends ByName
  ? Readonly<Record<string, Texts<English[keyof English], unknown>>>
  : Given extends Composed<infer Made>
    ? Made
    : Given extends (...values: infer Values) => infer Found
      ? (...values: Values) => Found extends string ? string : Texts<English, unknown>
      : English extends string
        ? string
        : English extends readonly (infer One)[]
          ? readonly Texts<One, unknown>[]
          : English extends object
            ? {
                readonly [Key in keyof English | Extract<keyof Given, string>]: Key extends keyof English
                  ? Texts<English[Key], Key extends keyof Given ? Given[Key] : unknown>
                  : Key extends keyof Given
                    ? Given[Key]
                    : never;
              }
            : Given;

/** What is known of a topic's texts, so that they can be made in any language. */
export interface Source {
  readonly topic: string;
  readonly english: unknown;
  readonly given: unknown;
}

/** All that were made so far. */
export const textSources: Source[] = [];
const translated: Topics = language === 'en' ? {} : await topicsOf(language);

/** All topics of a language other than English. */
export async function topicsOf(chosen: Language): Promise<Topics> {
  const read = await Promise.allSettled(
    PAGE_TOPICS.map(
      (topic) => import(`../../words/${chosen}/pages/${topic}.json`, { with: { type: 'json' } }),
    ),
  );
  return Object.fromEntries(
    read.map((file, index) => [PAGE_TOPICS[index], file.status === 'fulfilled' ? file.value.default : {}]),
  );
}

/**
 * The texts of a topic. `given` has, at the place of each text with values, what they are made from: the function that the page calls, which
 * returns the values by their names.
 */
export function texts<English extends object, Given extends object>(
  topic: string,
  english: English,
  given: Given,
): Texts<English, Given> {
  textSources.push({ topic, english, given });
  return made(english, translated[topic], given, language) as Texts<English, Given>;
}

/** Every text that was made so far, in another language than the page's; for tests. */
export async function textsIn(chosen: Language): Promise<Readonly<Record<string, unknown>>> {
  const topics = chosen === 'en' ? {} : await topicsOf(chosen);
  return Object.assign(
    {},
    ...textSources.map(({ topic, english, given }) => made(english, topics[topic], given, chosen)),
  );
}

function made(english: unknown, other: unknown, given: unknown, chosen: Language, values?: Values): unknown {
  if (given instanceof Composed) return ofRow(given.make, made(english, other, given.given, chosen));
  if (typeof given === 'function')
    return (...args: unknown[]) => {
      const found: unknown = given(...args);
      return typeof found === 'string'
        ? found
        : made(english, other, undefined, chosen, whole(found as Record<string, Value>));
    };
  if (typeof english === 'string') return inEither(english, other, chosen, values ?? {});
  if (Array.isArray(english)) return listOf(english, other, chosen, values);
  if (english === undefined) return given;
  const inner = given instanceof ByName ? undefined : given;
  const names = new Set([...Object.keys(english as object), ...Object.keys(Object(inner))]);
  const at = (from: unknown, name: string) => (from as Record<string, unknown> | undefined)?.[name];
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      made(at(english, name), at(other, name), at(inner, name), chosen, values),
    ]),
  );
}

/** In the chosen language where that has it; in English, too, where the page gives other values by now than a translation wants. */
function inEither(english: string, other: unknown, chosen: Language, values: Values): string {
  try {
    if (typeof other === 'string') return formatMessage(other, LANGUAGES[chosen].locale, values);
  } catch {
    // the English changed and its translation did not yet
  }
  return formatMessage(english, LANGUAGES.en.locale, values);
}

/** A number among the values is a count; what has decimals comes written by common/words/format.ts. */
function whole(values: Readonly<Record<string, Value>>): Values {
  const counts = Object.entries(values).map(([name, value]) => {
    if (typeof value === 'number') return [name, Math.round(value)];
    return [name, typeof value === 'boolean' ? value : `${value ?? ''}`];
  });
  return Object.fromEntries(counts);
}

/** Lists of words may be of any length in a language; what is more than words is one by one that of the English. */
function listOf(english: readonly unknown[], other: unknown, chosen: Language, values?: Values): unknown {
  const others = Array.isArray(other) ? other : undefined;
  const isWords = english.every((one) => typeof one === 'string' || Array.isArray(one));
  const list = isWords ? (others ?? english) : english;
  return list.map((one, index) =>
    made(isWords ? one : english[index], others?.[index], undefined, chosen, values),
  );
}
