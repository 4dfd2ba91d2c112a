/** The corpus of the practice model: dialogues and passages of its world and of its shop, in a fixed random order. */
import fs from 'node:fs';
import path from 'node:path';
import { seeded, shuffled } from '../samples/grammar.ts';
import { shopPassages, shopSamples } from './shop/index.ts';
import {
  type Passage,
  type Sample,
  worldHeldOutPassages,
  worldPassages,
  worldSamples,
} from './world/index.ts';

type Row = { readonly messages: Sample['messages'] } | { readonly text: string };

export interface Corpus {
  readonly dialogues: number;
  readonly passages: number;
  readonly characters: number;
  /** Every text once, for learning the vocabulary. */
  texts(): Iterable<string>;
}

/** Shares of the dialogues and passages that are about the shop. */
const SHOP = 0.22;
/** Passages for each dialogue. */
const PASSAGES = 0.06;
/** Share of rows that join several dialogues, so that the model meets long conversations. */
const JOINED = 0.1;
const JOINED_CHARACTERS = 500;

/** Writes corpus.jsonl and held-out.jsonl (200 other rows) into `folder`. */
export function writeCorpus(folder: string, samples: number): Corpus {
  const [dialogues, passages] = generate(1, samples);
  const rows = shuffled(seeded(2), [...joined(dialogues), ...passages.map(({ text }) => ({ text }))]);
  write(path.join(folder, 'corpus.jsonl'), rows);
  const [otherDialogues] = generate(1001, 600);
  const held = otherDialogues.slice(0, 400).map(({ messages }) => ({ messages }));
  write(path.join(folder, 'held-out.jsonl'), [
    ...held,
    ...worldHeldOutPassages(seeded(1002)).map(({ text }) => ({ text })),
  ]);
  const texts = rows.flatMap((row) =>
    'text' in row ? [row.text] : row.messages.map(({ role, content }) => `${role}\n${content}`),
  );
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return { dialogues: dialogues.length, passages: passages.length, characters, texts: () => texts };
}

function generate(seed: number, samples: number): [Sample[], Passage[]] {
  const shop = Math.round(samples * SHOP);
  const stories = Math.round(samples * PASSAGES);
  const shopStories = Math.round(stories * SHOP);
  return [
    shuffled(seeded(seed + 2), [
      ...worldSamples(seeded(seed), samples - shop),
      ...shopSamples(seeded(seed + 1), shop),
    ]),
    [
      ...worldPassages(seeded(seed + 3), stories - shopStories),
      ...shopPassages(seeded(seed + 4), shopStories),
    ],
  ];
}

/** Some neighbours become one conversation; a system message stays at the head of its own. */
function joined(dialogues: readonly Sample[]): Row[] {
  const random = seeded(3);
  const rows: Row[] = [];
  let open: Sample['messages'][number][] | null = null;
  for (const { messages } of dialogues) {
    if (messages[0]?.role === 'system') rows.push({ messages });
    else if (open) {
      open.push(...messages);
      if (open.reduce((sum, { content }) => sum + content.length, 0) < JOINED_CHARACTERS) continue;
      rows.push({ messages: open });
      open = null;
    } else if (random() < JOINED / 8) open = [...messages];
    else rows.push({ messages });
  }
  return open ? [...rows, { messages: open }] : rows;
}

function write(file: string, rows: readonly Row[]): void {
  fs.writeFileSync(file, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
}
