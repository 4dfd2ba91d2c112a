/**
 * English words in another language, by the catalogue of the pages and by main's sentences: what tests look for on a page, so that a screen
 * is written once, and what an English page says. Words that neither has, such as a person's data, stay as they are.
 */
import type { Page } from 'playwright-core';
import { type Language, sentencesOf, useLanguage } from '../../common/words/language.ts';
import { pageTexts } from '../../scripts/words/pages.ts';

/** Stands for a value in a text; no text has it. */
const VALUE = '\uE000';
/** Has every property, and reads as a value or as no number. */
const anything: unknown = new Proxy(() => anything, {
  get: (_, key) => {
    if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? Number.NaN : VALUE);
    return key === Symbol.iterator ? [][Symbol.iterator] : anything;
  },
});
/** What texts with values are called with, because many say something else of none, one and several. */
const VALUES = [anything, null, 0, 1, 2];
/** Numbers that stand in the patterns that are looked for. */
const NUMBERS = ['x', '1', '2', '12'];
/** No text is called with more. */
const MOST_VALUES = 10;
/** Letters that a text needs beside its values to be recognised. */
const LEAST_LETTERS = 3;

type Pair = readonly [english: string, other: string];
type Words = string | RegExp;

interface Whole {
  /** The longest part between its values: what does not have it need not be looked at by `finds`, which takes ten times as long. */
  readonly part: string;
  readonly finds: RegExp;
  readonly other: string;
}

/** One after the other, because a language is that of the whole process while its texts are made. */
let catalogues: Promise<unknown> = Promise.resolve();

/** Makes pages of a language whose locators are asked for in English. */
export async function pagesIn(language: Language): Promise<(page: Page) => Page> {
  if (language === 'en') return (page) => page;
  const catalogue = await catalogueOf(language);
  return (page) => speaking(page, catalogue);
}

/** Gives English texts in another language; null for what is no whole text. */
export async function translatorTo(language: Language): Promise<(text: string) => string | null> {
  const catalogue = await catalogueOf(language);
  return (text) => catalogue.translated(text);
}

async function catalogueOf(language: Language): Promise<Catalogue> {
  const pairs = catalogues.then(() => allPairs(language));
  catalogues = pairs;
  return new Catalogue(await pairs);
}

/** Gives what its methods give as locators that translate too. */
function speaking<Owner extends object>(owner: Owner, catalogue: Catalogue): Owner {
  return new Proxy(owner, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        const asked = typeof key === 'string' ? translated(key, given, catalogue) : given;
        const made: unknown = value.apply(target, asked);
        return made && typeof made === 'object' && 'getByRole' in made ? speaking(made, catalogue) : made;
      };
    },
  });
}

/** The arguments of a method of a page or locator, with the words to look for in the other language. */
function translated(method: string, given: readonly unknown[], catalogue: Catalogue): readonly unknown[] {
  const [first, options = {}] = given as [unknown, { exact?: boolean; name?: Words; hasText?: Words }];
  if (method === 'getByText' || method === 'getByLabel')
    return [catalogue.either(first as Words, options.exact)];
  const { exact, ...others } = options;
  if (method === 'getByRole' && options.name !== undefined)
    return [first, { ...others, name: catalogue.either(options.name, exact) }];
  if (method === 'locator' && options.hasText !== undefined)
    return [first, { ...options, hasText: catalogue.either(options.hasText) }];
  return given;
}

/** All texts in English and in another language. */
class Catalogue {
  readonly #pairs: readonly Pair[];
  /** What recognises an English text and its values, each with the other one; made when the first text is looked for. */
  #wholes: readonly Whole[] | undefined;
  /** By what was looked for: a page asks for the same words again and again. */
  readonly #known = new Map<string, RegExp>();

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /** A whole text with its values in the other language. */
  translated(words: string): string | null {
    for (const [values, to] of this.#recognised(words))
      return to.replaceAll(VALUE, () => this.#valueOf(values.shift()));
    return null;
  }

  /** A value may be a text too; a page has no more of it than the English one, so that a text is never a value of itself. */
  #valueOf(value = ''): string {
    return /\p{L}/u.test(value) ? (this.translated(value) ?? value) : value;
  }

  /** What finds those words in either language. */
  either(words: Words, exact = false): RegExp {
    const key = `${words instanceof RegExp} ${exact} ${words}`;
    const finds = this.#known.get(key) ?? this.#inEither(words, exact);
    this.#known.set(key, finds);
    return finds;
  }

  #inEither(words: Words, exact: boolean): RegExp {
    const found = [...new Set(typeof words === 'string' ? this.#ofText(words) : this.#ofPattern(words))];
    const all = [typeof words === 'string' ? escaped(words) : words.source, ...found].join('|');
    return new RegExp(exact ? `^\\s*(?:${all})\\s*$` : all, exact ? '' : 'i');
  }

  /** Patterns of the other language for an English text: that of the whole of it, else of texts in which it stands. */
  #ofText(words: string): string[] {
    const found = this.#ofWhole(words);
    if (found.length > 0) return found;
    const part = words.toLowerCase();
    return this.#pairs
      .filter(([from]) => from.toLowerCase().includes(part))
      .map(([, to]) => pattern(to, '.+'));
  }

  #ofWhole(words: string): string[] {
    return [...this.#recognised(words)].map(([values, to]) => {
      // a value may be a text too: the name of a setting
      const either = values.map((value) => `(?:${[escaped(value), ...this.#ofWhole(value)].join('|')})`);
      return escaped(to).replaceAll(VALUE, () => either.shift() ?? '.+');
    });
  }

  /** The texts that those words are the whole of, each with its values. What says most comes first: one that is little more than its values recognises much. */
  *#recognised(words: string): Generator<readonly [values: string[], other: string]> {
    const lettersOf = ([from]: Pair) => from.replaceAll(VALUE, '').length;
    this.#wholes ??= this.#pairs.toSorted((a, b) => lettersOf(b) - lettersOf(a)).map(wholeOf);
    const asked = folded(words);
    for (const { part, finds, other } of this.#wholes) {
      const values = asked.includes(part) && finds.exec(words)?.slice(1);
      if (values) yield [values, other];
    }
  }

  #ofPattern(words: RegExp): string[] {
    const says = (from: string) => NUMBERS.some((number) => words.test(from.replaceAll(VALUE, number)));
    const [begin, end] = [words.source.startsWith('^') ? '^' : '', words.source.endsWith('$') ? '$' : ''];
    return this.#pairs.filter(([from]) => says(from)).map(([, to]) => `${begin}${pattern(to, '.+')}${end}`);
  }
}

function wholeOf([from, other]: Pair): Whole {
  const [part = ''] = folded(from)
    .split(VALUE)
    .toSorted((a, b) => b.length - a.length);
  return { part, finds: new RegExp(`^${pattern(from, '(.+)')}$`, 'i'), other };
}

/** A text without what `finds` does not tell apart. */
const folded = (text: string): string => text.toLowerCase().replace(/\s/g, ' ');

function pattern(text: string, value: string): string {
  return escaped(text).replaceAll(VALUE, value);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s/g, '\\s');
}

/** Every text in both languages. */
async function allPairs(language: Language): Promise<Pair[]> {
  const english = textsOf(await pageTexts('en'));
  await useLanguage(language);
  const other = textsOf(await pageTexts(language));
  await useLanguage('en');
  const ofPages = [...english].map(([key, text]): Pair => [text, other.get(key) ?? text]);
  const numbered = (text: string) => text.replace(/\{\d+\}/g, VALUE);
  const ofMain = Object.entries(await sentencesOf(language)).map(
    ([from, to]): Pair => [numbered(from), numbered(to)],
  );
  return [...ofPages, ...ofMain].filter(([from]) => (from.match(/\p{L}/gu)?.length ?? 0) >= LEAST_LETTERS);
}

/** The texts of a catalogue by where they stand and what they were called with. */
function textsOf(node: unknown, at = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof node === 'string')
    found.set(at, at.endsWith(')') ? node.replace(/\d[\d.,\u202f]*|NaN|–/g, VALUE) : node);
  else if (typeof node === 'function' && node !== anything)
    VALUES.forEach((value, index) => {
      try {
        textsOf(node(...Array<unknown>(MOST_VALUES).fill(value)), `${at}(${index})`, found);
      } catch {
        // it does not say anything of such a value
      }
    });
  else if (node && typeof node === 'object')
    for (const [key, child] of Object.entries(node)) textsOf(child, `${at}.${key}`, found);
  return found;
}
