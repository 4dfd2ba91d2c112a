/** Which categories a model mixes up, with their rows: what a person can look at, and where more rows would help. */
import type { MixedRow } from '../../../../common/protocol/protocol.ts';
import { Rng } from '../../../rows/rng.ts';
import type { AnsweredText } from '../answered-text.ts';
import { fieldsOf, placeIn } from '../classify/closed-set.ts';
import { likeliest } from '../generator.ts';
import { countedScores, trainCounter } from '../rivals/word-counts.ts';
import { canonical, parseObject } from './task.ts';

/** Two categories that were given for each other, with test rows and training rows; `key` is their field in JSON answers. */
interface Mixup {
  readonly key: string | null;
  readonly names: readonly [string, string];
  readonly rows: readonly MixedRow[];
}

interface CategoryErrors {
  readonly name: string;
  readonly asked: number;
  readonly wrong: number;
  /** Training rows that have it. */
  readonly taught: number;
}

/** What the test rows show of answers from a closed set. */
export interface ClosedErrors {
  readonly rows: number;
  readonly wrong: number;
  /** The two categories that are mixed up most; null where no two are. */
  readonly mixup: Mixup | null;
  /** Categories with wrong rows, those with the most errors first. */
  readonly categories: readonly CategoryErrors[];
}

/** A row with what was given, by the place of its category. */
interface Placed {
  readonly row: AnsweredText;
  readonly wanted: string;
  readonly given: string;
}

/** How categories are told apart: by the whole answer, or by one field of JSON answers. */
interface View {
  readonly key: string | null;
  nameOf(answer: string): string;
}

function viewsOf(answers: readonly string[]): View[] {
  const fields = fieldsOf(answers);
  const place = placeIn(answers);
  if (fields.length === 0) return [{ key: null, nameOf: (answer) => answers[place(answer)] ?? answer }];
  return fields.map((key) => ({
    key,
    nameOf: (answer) => {
      const value = parseObject(answer)?.[key];
      return typeof value === 'string' ? value : canonical(value);
    },
  }));
}

/** `given` are the model's answers to `asked`; all are among `answers`. */
export function closedErrors(
  answers: readonly string[],
  taught: readonly AnsweredText[],
  asked: readonly AnsweredText[],
  given: readonly string[],
): ClosedErrors {
  const views = viewsOf(answers).map((view) => {
    const placed = asked.map(
      (row, i): Placed => ({ row, wanted: view.nameOf(row.answer), given: view.nameOf(given[i]!) }),
    );
    return { view, placed, wrong: placed.filter(({ wanted, given: said }) => wanted !== said) };
  });
  const place = placeIn(answers);
  const wrong = asked.filter(({ answer }, i) => place(answer) !== place(given[i]!)).length;
  const [most] = views.toSorted((a, b) => b.wrong.length - a.wrong.length);
  return {
    rows: asked.length,
    wrong,
    mixup: most ? mixupOf(most.view, most.wrong, taught) : null,
    categories: most ? categoriesOf(most.view, most.placed, taught) : [],
  };
}

function categoriesOf(
  view: View,
  placed: readonly Placed[],
  taught: readonly AnsweredText[],
): CategoryErrors[] {
  const counts = Map.groupBy(taught, ({ answer }) => view.nameOf(answer));
  return [...Map.groupBy(placed, ({ wanted }) => wanted)]
    .map(([name, rows]) => ({
      name,
      asked: rows.length,
      wrong: rows.filter((row) => row.given !== row.wanted).length,
      taught: counts.get(name)?.length ?? 0,
    }))
    .filter((one) => one.wrong > 0)
    .sort((a, b) => b.wrong - a.wrong || a.taught - b.taught);
}

/** Fewer mixed-up rows are no pattern. */
const FEWEST_MIXED = 3;

function mixupOf(
  view: View,
  wrong: readonly Placed[],
  taught: readonly AnsweredText[],
): ClosedErrors['mixup'] {
  const pairs = Map.groupBy(wrong, ({ wanted, given }) => JSON.stringify([wanted, given].sort()));
  const [first] = [...pairs].sort(([, a], [, b]) => b.length - a.length);
  if (!first || first[1].length < FEWEST_MIXED) return null;
  const names = JSON.parse(first[0]) as [string, string];
  const asked = first[1].map(({ row, given }): MixedRow => ({ ...row, given, isTest: true }));
  return { key: view.key, names, rows: [...asked, ...doubtfulRows(view, names, taught)] };
}

const FOLDS = 5;
const STRENGTH = 10;
const MOST_DOUBTFUL = 20;

/** Training rows of two categories that word counts, learned from the others, take for the other one; the surest first. */
function doubtfulRows(
  view: View,
  names: readonly [string, string],
  taught: readonly AnsweredText[],
): MixedRow[] {
  const rows = taught
    .map((row) => ({ row, label: view.nameOf(row.answer) }))
    .filter(({ label }) => names.includes(label));
  const order = Rng.fromSeed(0).shuffle(Uint32Array.from(rows, (_, i) => i));
  // rows of a category are dealt out one after the other, so that each fold has some of both
  const dealt = [...Map.groupBy(order, (i) => rows[i]!.label).values()].flat();
  const found: { readonly row: MixedRow; readonly lead: number }[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = dealt.filter((_, i) => i % FOLDS !== fold).map((i) => rows[i]!);
    const held = dealt.filter((_, i) => i % FOLDS === fold).map((i) => rows[i]!);
    if (new Set(others.map(({ label }) => label)).size < 2 || held.length === 0) return [];
    const counter = trainCounter(
      others.map(({ row: { text }, label }) => ({ text, label })),
      { strength: STRENGTH },
    );
    const scores = countedScores(
      counter,
      held.map(({ row: { text } }) => text),
    );
    for (const [i, { row, label }] of held.entries()) {
      const given = counter.labels[likeliest(scores[i]!)]!;
      const lead = Math.abs(scores[i]![0]! - scores[i]![1]!);
      if (given !== label) found.push({ row: { ...row, given, isTest: false }, lead });
    }
  }
  return found
    .sort((a, b) => b.lead - a.lead)
    .slice(0, MOST_DOUBTFUL)
    .map(({ row }) => row);
}
