/** The sample data sets that come with Fettle, and what models have learned from them. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SampleResult, SampleSet } from '../../common/api/contract.ts';
import { resourcesFolder } from '../paths.ts';

const samplesFolder = () => path.join(resourcesFolder(), 'samples');

/** A line of JSON for each sample and model, written by `npm run samples:results`. */
export const RESULTS_FILE = path.join(samplesFolder(), 'results.jsonl');

const HELD_OUT = /^(.+)\.held-out(\.\w+)$/;

/**
 * The sample data sets that come with Fettle, by the alphabet: a set is a file with rows, a file with held-out rows whose name says so, and
 * a card that explains both.
 */
export async function sampleSets(folder = samplesFolder()): Promise<SampleSet[]> {
  const names = (await readdir(folder)).sort();
  const results = await sampleResults(path.join(folder, path.basename(RESULTS_FILE)));
  const sets: SampleSet[] = [];
  for (const heldOut of names) {
    const [, name = '', ending = ''] = HELD_OUT.exec(heldOut) ?? [];
    // where the data itself is Markdown the card cannot have the same name
    const cardName = names.includes(`${name}.card.md`) ? `${name}.card.md` : `${name}.md`;
    if (name === '' || !names.includes(name + ending) || !names.includes(cardName)) continue;
    const card = await readFile(path.join(folder, cardName), 'utf8');
    const data = path.join(folder, name + ending);
    sets.push({
      name,
      card,
      path: data,
      heldOut: path.join(folder, heldOut),
      title: /^# (.+)$/m.exec(card)?.[1]?.trim() ?? name,
      goal: (/\*\*Goal\.\*\*\s+([\s\S]+?)(?:\n\s*\n|$)/.exec(card)?.[1] ?? '').replace(/\s+/g, ' ').trim(),
      results: results.filter(({ sample }) => sample === name),
      rows: ending === '.jsonl' ? countLines(await readFile(data, 'utf8')) : null,
    });
  }
  return sets;
}

function countLines(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

/** What is kept of models on samples; nothing where the file isn't there. */
export async function sampleResults(file: string): Promise<SampleResult[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => JSON.parse(line) as SampleResult);
}
