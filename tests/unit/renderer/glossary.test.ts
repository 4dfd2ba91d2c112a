/** Every term that a text links to is in the glossary, and technical words in labels lead there. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingInfos, settingName } from '../../../common/settings/form.ts';
import { LANGUAGE_CODES } from '../../../common/words/language.ts';
import {
  entryOf,
  glossary,
  glossaryOf,
  namesPattern,
  piecesOf,
  plainText,
  termOf,
} from '../../../renderer/text/glossary.ts';
import type { GlossaryText } from '../../../renderer/text/page.ts';
import { textsIn } from '../../../renderer/text/texts.ts';

const CODES = LANGUAGE_CODES;
/** Each language's glossary; what is missing in one is English there. */
const GLOSSARIES = new Map(
  await Promise.all(
    CODES.map(async (code) => {
      const { glossaryText: text } = (await textsIn(code)) as { glossaryText: GlossaryText };
      return [code, { text, ...glossaryOf(text, code) }] as const;
    }),
  ),
);
const RENDERER = path.resolve(import.meta.dirname, '../../../renderer');

const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => ({ name, text: readFileSync(path.join(RENDERER, name), 'utf8') }));

/** The files of a language's texts. */
function pageWords(language: string) {
  const folder = path.join(RENDERER, '../words', language, 'pages');
  return readdirSync(folder).map((file) => ({
    name: `${language}/${file}`,
    text: readFileSync(path.join(folder, file), 'utf8'),
  }));
}

/** The words that a text marks as `[[word]]` or `[[word|as shown]]`. */
function termsMarked(text: string): string[] {
  return [...text.matchAll(/\[\[([^\]|[]+)(?:\|[^\]]+)?\]\]/g)].map(([, word]) => word!);
}

describe.each(CODES)('the glossary in %s', (language) => {
  const { text, entries, entryOf: find } = GLOSSARIES.get(language)!;

  it('has one entry for each name', () => {
    const names = entries.flatMap((entry) =>
      [entry.word, ...(entry.also ?? [])].map((name) => name.toLowerCase()),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
  });

  it('explains each word in one sentence of at most 25 words', () => {
    const shorts = entries.map(({ short }) => short);
    const ends = (short: string) => /[.。]$/.test(short);
    expect(shorts.filter((short) => !ends(short) || short.split(/\s/).length > 25)).toEqual([]);
    expect(new Set(shorts).size).toBe(entries.length);
  });

  it('knows the words that its own entries link to', () => {
    const words = entries.flatMap(({ more = '' }) => termsMarked(more));
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((word) => find(word) === null)).toEqual([]);
  });

  it('leaves out of texts only what is a name of an entry', () => {
    const names = Object.values(text.notLookedFor).flat();
    expect(names.filter((name) => find(name) === null || name !== name.toLowerCase())).toEqual([]);
  });
});

describe('the glossary', () => {
  it('has the same entries in every language, and finds one by its English name too', () => {
    const ids = CODES.map((code) =>
      GLOSSARIES.get(code)!
        .entries.map(({ id }) => id)
        .toSorted(),
    );
    expect(ids).toEqual(CODES.map(() => ids[0]));
    const { entryOf: find } = GLOSSARIES.get('de')!;
    expect(find('Lernraten')).toBe(find('learning rate'));
    expect(find('learning-rate')?.word).toBe('Lernrate');
  });

  it('finds Chinese names within a text without spaces, and the longest of several', () => {
    const chinese = GLOSSARIES.get('zh')!;
    const found = (text: string) => text.match(namesPattern(chinese, chinese.text));
    expect(found('用LoRA训练时，权重衰减和灾难性遗忘')).toEqual(['LoRA', '权重衰减', '灾难性遗忘']);
    expect(found('LoRAX 与 model.gguf 都不是')).toBeNull();
  });

  it('finds a word in any spelling', () => {
    expect(entryOf('adamw')?.word).toBe('Optimizer');
    expect(entryOf('learning-rate')?.word).toBe('Learning rate');
    expect(entryOf('nothing of the kind')).toBeNull();
  });

  it('knows every term that texts and components link to', () => {
    const inTexts = CODES.flatMap(pageWords).flatMap(({ name, text }) =>
      termsMarked(text).map((word) => [name, word]),
    );
    const inComponents = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/<Term word="([^"{]+)"/g)].map((match) => [name, match[1]]),
    );
    const linked = [...inTexts, ...inComponents].filter(
      ([, word]) => word !== 'word' && word !== 'terms' && word !== '…',
    );
    expect(linked.length).toBeGreaterThan(40);
    const find = (name: string) =>
      GLOSSARIES.get(CODES.find((code) => name.startsWith(`${code}/`)) ?? 'en')!.entryOf;
    expect(linked.filter(([name, word]) => find(name ?? '')(word ?? '') === null)).toEqual([]);
  });
});

describe('running text with terms', () => {
  it('is cut into words and links', () => {
    expect(piecesOf('A [[token]] and [[merging|merged]].')).toEqual([
      { text: 'A ' },
      { term: 'token', text: 'token' },
      { text: ' and ' },
      { term: 'merging', text: 'merged' },
      { text: '.' },
    ]);
    expect(plainText('A [[token]] and [[merging|merged]].')).toBe('A token and merged.');
  });

  it('and commands, in which nothing is a link', () => {
    expect(piecesOf('`fettle devices`, or a [[run]].')).toEqual([
      { code: true, text: 'fettle devices' },
      { text: ', or a ' },
      { term: 'run', text: 'run' },
      { text: '.' },
    ]);
    expect(plainText('Write `fettle devices get nvidia`.')).toBe('Write fettle devices get nvidia.');
  });
});

describe('technical words in labels', () => {
  /** Settings whose names are plain words; their meaning stands below them. */
  const PLAIN = [
    ...['Method', 'Layers', 'Layer numbers', 'What is learned', 'Unreadable rows', 'Rescue', 'Report every'],
    'Shared beginnings',
    ...[
      'Final comparison',
      'Thorough comparison',
      'Test every',
      'Test rows',
      'Thinking',
      'Keep best',
      'Steps between saves',
      'Minutes between saves',
    ],
  ];

  it('of settings lead to the glossary, and each setting says what it means', () => {
    const infos = settingInfos().map(({ name, about }) => ({ about, label: settingName(name) }));
    expect(infos.filter(({ about }) => about === '')).toEqual([]);
    const labels = infos.map(({ label }) => label).filter((label) => !PLAIN.includes(label));
    expect(labels.filter((label) => termOf(label) === null)).toEqual([]);
  });

  it('are marked by every control with a label', () => {
    for (const control of ['Field', 'Select', 'Switch']) {
      const { text } = sources.find(({ name }) => name.replaceAll('\\', '/') === `ui/${control}.svelte`)!;
      expect(text, control).toContain('<Term mark word={label} />');
    }
    for (const control of ['NumberField', 'TextField']) {
      const { text } = sources.find(({ name }) => name.replaceAll('\\', '/') === `ui/${control}.svelte`)!;
      expect(text, control).toContain('<Field {label}');
    }
  });

  it.each([
    ...['rank', 'learning rate', 'epochs', 'gradient accumulation', 'warm-up', 'held-out', 'perplexity'],
    ...['quantization', 'quantisation', 'GGUF', 'LoRA', 'QLoRA', 'adapter', 'checkpoint', 'early stopping'],
    ...['micro-batch', 'VRAM', 'token', 'loss', 'weight decay', 'dropout', 'seed', 'packing', 'replay'],
    ...[
      'stochastic rounding',
      'width',
      'block',
      'head',
      'heads',
      'loss scaling',
      'onnxruntime',
      'WebAssembly',
    ],
    ...['TensorFlow.js', 'TensorFlow’s library', 'rows at once'],
  ])('"%s" is explained', (word) => {
    expect(entryOf(word)?.short).toMatch(/\.$/);
  });

  it('there are at least 60', () => {
    expect(glossary.length).toBeGreaterThanOrEqual(60);
  });
});
