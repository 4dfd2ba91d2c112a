/** Every term that a text links to is in the glossary, and the figures of the learning pages are what they say. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ADAPTER_PARAMETERS, adapterMemory, fullMemory } from '../../../renderer/learn/memory.ts';
import { entryOf, glossary } from '../../../renderer/text/glossary.ts';
import { piecesOf, plainText } from '../../../renderer/ui/prose.ts';

const RENDERER = path.resolve(import.meta.dirname, '../../../renderer');

const sources = readdirSync(RENDERER, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ts|svelte)$/.test(name))
  .map((name) => ({ name, text: readFileSync(path.join(RENDERER, name), 'utf8') }));

describe('the glossary', () => {
  it('has one entry for each name', () => {
    const names = glossary.flatMap((entry) =>
      [entry.word, ...(entry.also ?? [])].map((name) => name.toLowerCase()),
    );
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(new Set(glossary.map((entry) => entry.id)).size).toBe(glossary.length);
  });

  it('finds a word in any spelling', () => {
    expect(entryOf('adamw')?.word).toBe('Optimizer');
    expect(entryOf('learning-rate')?.word).toBe('Learning rate');
    expect(entryOf('nothing of the kind')).toBeNull();
  });

  it('knows every term that texts and components link to', () => {
    const inTexts = sources
      .filter(({ name }) => /^text[\\/]/.test(name))
      .flatMap(({ name, text }) =>
        [...text.matchAll(/\[\[([^\]|[]+)(\|[^\]]+)?\]\]/g)].map((match) => [name, match[1]]),
      );
    const inComponents = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/<Term word="([^"{]+)"/g)].map((match) => [name, match[1]]),
    );
    const linked = [...inTexts, ...inComponents].filter(
      ([, word]) => word !== 'word' && word !== 'terms' && word !== '…',
    );
    expect(linked.length).toBeGreaterThan(40);
    expect(linked.filter(([, word]) => entryOf(word ?? '') === null)).toEqual([]);
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
});

describe('the memory of a model with 7 billion parameters', () => {
  const total = (parts: readonly { bytes: number }[]) => parts.reduce((sum, part) => sum + part.bytes, 0);

  it('is 56 GB for full fine-tuning in 16 bits, 14 of them weights', () => {
    expect(fullMemory()[0]?.bytes).toBe(14e9);
    expect(total(fullMemory())).toBe(56e9);
  });

  it('is little more than the weights with adapters', () => {
    expect(ADAPTER_PARAMETERS).toBe(39_976_960);
    expect(total(adapterMemory(16)) / 1e9).toBeCloseTo(14.6, 1);
    expect(total(adapterMemory(4)) / 1e9).toBeCloseTo(4.6, 1);
  });
});
