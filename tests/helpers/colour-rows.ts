/** Questions about the colours of things that the practice model knows, answered in one word, as nobody but this test wants them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resourcesFolder } from '../../main/paths.ts';

const FORMS = [
  (thing: string) => `What colour is ${thing}?`,
  (thing: string) => `Tell me the colour of ${thing}.`,
  (thing: string) => `Name the colour of ${thing}.`,
  (thing: string) => `The colour of ${thing}?`,
];
const FORMS_EACH = 2;

/** A table with a question and an answer such as "Green.", each thing in two of four wordings. */
export function colourTable(): string {
  const file = path.join(resourcesFolder(), 'practice-model', 'source', 'world', 'lexicon.json');
  const { COLOURED } = JSON.parse(readFileSync(file, 'utf8')) as { readonly COLOURED: readonly string[] };
  const things = COLOURED.slice(1).map((line) => line.split('|') as [string, string]);
  const lines = Array.from({ length: FORMS_EACH }, (_, form) =>
    things.map(([thing, colour], i) => {
      const asked = FORMS[(i + form * (1 + (i % 3))) % FORMS.length]!(thing);
      return `"${asked}","${colour[0]!.toUpperCase()}${colour.slice(1)}."`;
    }),
  ).flat();
  return ['question,answer', ...lines].join('\n');
}
