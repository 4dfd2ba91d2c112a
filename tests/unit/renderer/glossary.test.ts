/** Every term that a text links to is in the glossary, and technical words in labels lead there. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settingInfos } from '../../../common/settings/form.ts';
import { entryOf, glossary } from '../../../renderer/text/glossary.ts';
import { memoryWords, plan, timeWords } from '../../../renderer/text/text.ts';
import { piecesOf, plainText, termOf } from '../../../renderer/ui/prose.ts';

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
    ...[
      'Final comparison',
      'Test every',
      'Test rows',
      'Keep best',
      'Steps between saves',
      'Minutes between saves',
    ],
  ];

  it('of settings lead to the glossary, and each setting says what it means', () => {
    for (const { name, about } of settingInfos()) {
      const label = plan.settingName(name);
      expect(about, name).not.toBe('');
      if (!PLAIN.includes(label)) expect(termOf(label), label).not.toBeNull();
    }
  });

  it('of the calculators lead to the glossary', () => {
    const { optimizer, rank, targets, batch, length, recompute, masterWeights, model } = memoryWords;
    const labels = [optimizer, rank, targets, batch, length, recompute, masterWeights, model];
    for (const label of [...labels, timeWords.epochs, timeWords.utilisation, timeWords.rows])
      expect(entryOf(label), label).not.toBeNull();
  });

  it('are marked by every control with a label', () => {
    for (const control of ['Field', 'Select', 'Switch']) {
      const { text } = sources.find(({ name }) => name.replaceAll('\\', '/') === `ui/${control}.svelte`)!;
      expect(text, control).toContain('<TermMark word={label} />');
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
      'DirectML',
      'WebAssembly',
    ],
    ...['TensorFlow.js', 'TensorFlow’s library', 'rows at once'],
  ])('"%s" is explained', (word) => {
    expect(entryOf(word)?.short).toMatch(/\.$/);
  });

  it('there are at least 60, each with a sentence of its own', () => {
    expect(glossary.length).toBeGreaterThanOrEqual(60);
    expect(new Set(glossary.map(({ short }) => short)).size).toBe(glossary.length);
  });
});
