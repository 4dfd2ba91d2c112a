/** Prompts that a base model may be asked with, from training rows alone: instructions by the kind of task, and sets of examples. */
import { countWords } from '../../../../common/words/unspaced.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import { wordsAndPairs } from '../rivals/word-counts.ts';
import { type AskedRow, answeredText, type WrittenPrompt } from './prompts.ts';
import { labelOf } from './scores.ts';
import { SHORT_WORDS, type Task } from './task.ts';

/** What a person would write into the system prompt, from the kind of task and the training answers alone; the usual one first. */
export function instructionsFor(task: Task, answers: readonly string[]): readonly string[] {
  return INSTRUCTIONS[task.kind](task, answers);
}

const INSTRUCTIONS: Readonly<
  Record<Task['kind'], (task: Task, answers: readonly string[]) => readonly string[]>
> = {
  label: ({ labels }) => [
    `Answer with exactly one of these labels and with nothing else: ${ended(labels.join(', '))}`,
    `Sort the message into one of these categories: ${ended(labels.join(', '))} Read it, decide what it is about, and reply with the name of the category.`,
    `Categories: ${labels.join(', ')}`,
  ],
  json: ({ fields }) => [
    `Answer with one JSON object on one line and with nothing else. Its keys: ${ended(fields.map(fieldWords).join('; '))}`,
    `Read the text and fill in the fields, each with what the text says. Reply in this form: {${fields.map((field) => `${JSON.stringify(field.name)}: <${valueWords(field)}>`).join(', ')}}`,
    `Extract as JSON: ${fields.map(({ name }) => name).join(', ')}`,
  ],
  calls: () => [
    'Call the tool that fits, with the arguments that the user gives. Where none fits, answer yourself.',
    'Decide first whether a tool is needed. If so, call it once, and take each argument from the message word for word.',
  ],
  short: (_task, answers) => {
    const most = Math.max(...answers.map(countWords).filter((n) => n <= SHORT_WORDS), 1);
    return [
      `Answer in at most ${most} words, without any explanation.`,
      'Give only the final answer.',
      `Work it out, then write nothing but the answer, in ${most} words or fewer.`,
    ];
  },
  free: (_task, answers) => {
    const lengths = answers.map(countWords).sort((a, b) => a - b);
    const at = (share: number) => lengths[Math.floor(share * (lengths.length - 1))] ?? 0;
    const lined = answers.filter((answer) => answer.includes('\n')).length > answers.length / 2;
    return [
      `Give the answer itself, without introduction or comment, in ${at(0.1)} to ${at(0.9)} words${lined ? ', on several lines' : ', as one paragraph'}.`,
      `Write it in about ${at(0.5)} words. Use everything that is given, and add nothing.`,
      'Reply in the same language, tone and length as before.',
    ];
  },
  text: () => [],
};

/** A full stop where the text has none: a category may end in one. */
const ended = (text: string) => (/[.!?。！？]$/.test(text) ? text : `${text}.`);

type Field = Task['fields'][number];

function fieldWords(field: Field): string {
  const key = JSON.stringify(field.name);
  const values = valueWords(field);
  return values === '' ? key : `${key} (${values})`;
}

function valueWords({ choice, values, type }: Field): string {
  if (type === 'yes or no') return 'true or false';
  if (choice)
    return `one of ${values.map((value) => (type === 'text' ? JSON.stringify(value) : value)).join(', ')}`;
  return type === 'mixed' ? '' : `a ${type}`;
}

const MOST_EXAMPLES = 8;
const FEW_EXAMPLES = 3;

export interface Candidate {
  readonly row: AskedRow;
  /** Tokens of its question and answer. */
  readonly tokens: number;
}

/** In which order rows are taken as examples; labels then take turns. */
type Order = (candidates: readonly Candidate[], seed: number) => readonly Candidate[];

/** Up to eight examples of at most `room` tokens in all, without the longest quarter, in random order by `seed`. */
export function chooseExamples(
  task: Task,
  candidates: readonly Candidate[],
  room: number,
  seed: number,
  order: Order = shuffled,
): AskedRow[] {
  const lengths = candidates.map(({ tokens }) => tokens).sort((a, b) => a - b);
  const longest = lengths[Math.ceil(0.75 * (lengths.length - 1))] ?? 0;
  const fitting = order(
    candidates.filter(({ tokens }) => tokens <= longest),
    seed,
  );
  const chosen: Candidate[] = [];
  let left = room;
  for (const candidate of inTurns(task, fitting)) {
    if (chosen.length === MOST_EXAMPLES) break;
    if (candidate.tokens > left) continue;
    chosen.push(candidate);
    left -= candidate.tokens;
  }
  return shuffled(chosen, seed + 1).map(({ row }) => row);
}

/** The candidates so that every label comes once before any comes twice. */
function inTurns(task: Task, candidates: readonly Candidate[]): Candidate[] {
  const byLabel = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const label = task.labels.length > 0 ? (labelOf(task, candidate.row.answer) ?? '') : '';
    byLabel.set(label, [...(byLabel.get(label) ?? []), candidate]);
  }
  const rounds = Math.max(0, ...[...byLabel.values()].map((group) => group.length));
  return Array.from({ length: rounds }, (_, round) =>
    [...byLabel.values()].flatMap((group) => group[round] ?? []),
  ).flat();
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = Uint32Array.from({ length: items.length }, (_, i) => i);
  Rng.fromSeed(streamSeed(seed, 'assess')).shuffle(order);
  return Array.from(order, (i) => items[i]!);
}

/** Rows that are compared with each other. */
const MOST_COMPARED = 150;

/** The share of their different words and pairs that each two of the first rows have in common. */
function shared(candidates: readonly Candidate[]): { rows: readonly Candidate[]; with: number[][] } {
  const rows = candidates.slice(0, MOST_COMPARED);
  const words = rows.map(({ row }) => {
    const { text, answer } = answeredText(row);
    return new Set(wordsAndPairs(`${text}\n${answer}`));
  });
  const both = (a: ReadonlySet<string>, b: ReadonlySet<string>) => {
    const common = [...a].filter((word) => b.has(word)).length;
    return common / Math.max(1, a.size + b.size - common);
  };
  return { rows, with: words.map((one) => words.map((other) => both(one, other))) };
}

/** Those nearest to all others first. */
const typical: Order = (candidates, seed) => {
  const { rows, with: alike } = shared(shuffled(candidates, seed));
  const sums = alike.map((one) => one.reduce((sum, share) => sum + share, 0));
  return [...rows.keys()].sort((a, b) => sums[b]! - sums[a]!).map((i) => rows[i]!);
};

/** Each as far as can be from those before it. */
const diverse: Order = (candidates, seed) => {
  const { rows, with: alike } = shared(shuffled(candidates, seed));
  const nearest = rows.map(() => 0);
  const left = new Set(rows.keys());
  const taken: Candidate[] = [];
  while (left.size > 0) {
    const next = [...left].reduce((far, i) => (nearest[i]! < nearest[far]! ? i : far));
    left.delete(next);
    taken.push(rows[next]!);
    for (const i of left) nearest[i] = Math.max(nearest[i]!, alike[next]![i]!);
  }
  return taken;
};

/** Sets of examples: the usual one first. */
function exampleSets(
  task: Task,
  candidates: readonly Candidate[],
  room: number,
  seed: number,
): readonly (readonly AskedRow[])[] {
  const chosen = (order: Order, by = seed) => chooseExamples(task, candidates, room, by, order);
  const usual = chosen(shuffled);
  return [
    usual,
    [],
    chosen(diverse),
    chosen(typical),
    usual.slice(0, FEW_EXAMPLES),
    chosen(shuffled, seed + 2),
  ];
}

/**
 * Prompts to try: the usual examples without instructions first, then all pairs of instructions and examples, those of which both come early
 * first. `roomFor` says how many tokens examples may have beside instructions.
 */
export function promptCandidates(
  task: Task,
  instructions: readonly string[],
  candidates: readonly Candidate[],
  roomFor: (instructions: string) => number,
  seed: number,
): readonly WrittenPrompt[] {
  const all = ['', ...instructions].flatMap((text, i) => {
    const room = roomFor(text);
    if (room < 0) return [];
    return exampleSets(task, candidates, room, seed).map((examples, j) => ({
      rank: i + j,
      prompt: { instructions: text, examples },
    }));
  });
  const seen = new Set<string>();
  return all
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ prompt }) => prompt)
    .filter((prompt) => {
      const key = JSON.stringify(prompt);
      const isNew = !seen.has(key) && (prompt.instructions !== '' || prompt.examples.length > 0);
      seen.add(key);
      return isNew;
    });
}
