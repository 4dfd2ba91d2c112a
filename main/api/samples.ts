/**
 * The sample data sets that come with Fettle: a set is a file with rows, a file with held-out rows whose name says so, and a card
 * that explains both.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SampleSet } from '../../common/api/contract.ts';

const HELD_OUT = /^(.+)\.held-out(\.\w+)$/;

/** The sets in `folder`, by the alphabet. */
export async function sampleSets(folder: string): Promise<SampleSet[]> {
  const names = (await readdir(folder)).sort();
  const sets: SampleSet[] = [];
  for (const heldOut of names) {
    const [, name = '', ending = ''] = HELD_OUT.exec(heldOut) ?? [];
    // where the data itself is Markdown the card cannot have the same name
    const cardName = names.includes(`${name}.card.md`) ? `${name}.card.md` : `${name}.md`;
    if (name === '' || !names.includes(name + ending) || !names.includes(cardName)) continue;
    const card = await readFile(path.join(folder, cardName), 'utf8');
    const data = path.join(folder, name + ending);
    sets.push({
      ...{ name, card, path: data, heldOut: path.join(folder, heldOut) },
      title: /^# (.+)$/m.exec(card)?.[1]?.trim() ?? name,
      goal: oneLine(/\*\*Goal\.\*\*\s+([\s\S]+?)(?:\n\s*\n|$)/.exec(card)?.[1] ?? ''),
      rows: ending === '.jsonl' ? countLines(await readFile(data, 'utf8')) : null,
    });
  }
  return sets;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function countLines(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}
