/**
 * `node scripts/polite-answers/make.ts`: writes the sample "polite-answers" from phrases.json beside this file. Both answers of a pair say the
 * same; one is polite and the other curt. Openings and endings of either kind fall away as often, so that length says nothing.
 */
import fs from 'node:fs';
import path from 'node:path';
import { capitalised } from '../../common/values.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { type Pair, writePairs } from '../write-pairs.ts';

interface Matter {
  readonly messages: readonly string[];
  readonly facts: readonly string[];
  readonly polite: readonly string[];
  readonly curt: readonly string[];
}

interface Phrases {
  readonly things: readonly string[];
  readonly asks: readonly string[];
  readonly openings: readonly string[];
  readonly matters: readonly Matter[];
  readonly 'polite endings': readonly string[];
  readonly 'curt endings': readonly string[];
  readonly days: readonly string[];
}

const ROWS = { 'polite-answers.jsonl': 200, 'polite-answers.held-out.jsonl': 40 };
const SAMPLES = path.resolve(import.meta.dirname, '../../resources/samples');

const phrases = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'phrases.json'), 'utf8'),
) as Phrases;
const rng = Rng.fromSeed(streamSeed(1, 'polite-answers'));
const below = (count: number) => Math.floor(rng.uniform() * count);
const one = <T>(all: readonly T[]): T => all[below(all.length)]!;

/** What is said, between an opening and an ending, of which one may be missing. */
function answer(fact: string, opening: string, ending: string, has: number): string {
  const said = `${capitalised(fact)}.`;
  return [...(has === 1 ? [] : [opening]), said, ...(has === 0 ? [] : [ending])].join(' ');
}

function pair(): Pair {
  const matter = one(phrases.matters);
  const slots: Record<string, string> = {
    thing: one(phrases.things),
    day: one(phrases.days),
    number: String(2 + below(60)),
  };
  const filled = (text: string) => text.replace(/\[(\w+)\]/g, (_, slot: string) => slots[slot]!);
  const opening = one(phrases.openings);
  const message = opening + (opening === '' ? capitalised(one(matter.messages)) : one(matter.messages));
  const prompt = one(phrases.asks).replace('[message]', () => message);
  const fact = one(matter.facts);
  const has = below(3);
  return {
    prompt: filled(prompt),
    chosen: filled(answer(fact, one(matter.polite), one(phrases['polite endings']), has)),
    rejected: filled(answer(fact, one(matter.curt), one(phrases['curt endings']), has)),
  };
}

writePairs(SAMPLES, ROWS, pair);
