/** The corpus of the practice model: dialogues and passages of its world and of its shop, in a fixed random order. */
import fs from 'node:fs';
import path from 'node:path';
import { seeded, shuffled } from './draw.ts';
import { type ShopShares, shopPassages, shopSamples } from './shop/index.ts';
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

/** What a corpus is mixed of. */
export interface Recipe {
  readonly seed: number;
  readonly dialogues: number;
  /** Share of the dialogues and passages that are about the shop. */
  readonly shop: number;
  /** Passages for each dialogue. */
  readonly passages: number;
  /** Topics of the world that come more often than usual. */
  readonly emphasis: Readonly<Record<string, number>>;
  /** Which of the shop's dialogues are about notes, and which sort under names; none if left out. */
  readonly shopShares?: ShopShares;
}

/** Share of rows that join several dialogues, so that the model meets long conversations. */
const JOINED = 0.1;
const JOINED_CHARACTERS = 500;

/** Writes corpus.jsonl and held-out.jsonl (460 other rows, the same for every recipe but for its shares) into `folder`. */
export function writeCorpus(folder: string, recipe: Recipe): Corpus {
  const [dialogues, passages] = generate(recipe);
  const rows = shuffled(seeded(recipe.seed + 5), [
    ...joined(dialogues),
    ...passages.map(({ text }) => ({ text })),
  ]);
  write(path.join(folder, 'corpus.jsonl'), rows);
  const [held] = generate({ ...recipe, seed: 1001, dialogues: 400, emphasis: {} });
  write(path.join(folder, 'held-out.jsonl'), [
    ...held.map(({ messages }) => ({ messages })),
    ...worldHeldOutPassages(seeded(1002)).map(({ text }) => ({ text })),
  ]);
  const texts = rows.flatMap((row) =>
    'text' in row ? [row.text] : row.messages.map(({ role, content }) => `${role}\n${content}`),
  );
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  return { dialogues: dialogues.length, passages: passages.length, characters, texts: () => texts };
}

function generate({ seed, dialogues, emphasis, shopShares, ...share }: Recipe): [Sample[], Passage[]] {
  const shop = Math.round(dialogues * share.shop);
  const stories = Math.round(dialogues * share.passages);
  const shopStories = Math.round(stories * share.shop);
  return [
    shuffled(seeded(seed + 2), [
      ...worldSamples(seeded(seed), dialogues - shop, emphasis),
      ...shopSamples(seeded(seed + 1), shop, shopShares),
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
