/** What a teacher's answers come to: rows that are taken, and the others in the order in which a person best decides them. */
import type { AnswerKind, ExampleRow, Studied, StudiedRow } from '../../../../common/extras/teacher/kinds.ts';
import type { AnsweredText } from '../../eval/answered-text.ts';
import { parseObject } from '../../eval/assess/task.ts';
import { placeIn } from '../../eval/classify/closed-set.ts';
import { likeliest } from '../../eval/generator.ts';
import { encodersHere } from '../../load/find-encoders.ts';
import { isAgreed, readingOf, type Votes, votesOf } from './readings.ts';
import { crossedScores, openEye, type StudentEye } from './student.ts';

export interface StudyAsked {
  readonly kind: AnswerKind;
  readonly answers: readonly string[];
  readonly examples: readonly ExampleRow[];
  /** Texts that the teacher answered, each with what it said. */
  readonly rows: readonly { readonly row: number; readonly text: string; readonly said: readonly string[] }[];
  /** What a person said of rows; null: it is left out. */
  readonly decided: readonly { readonly row: number; readonly answer: string | null }[];
  /** The folder of an encoder; null: word counts. Left out: the smallest on this computer, where there is one. */
  readonly encoder?: string | null | undefined;
}

/** Rows whose order minds which are alike; those behind them come by doubt alone. */
const MOST_SPREAD = 500;

export async function study(asked: StudyAsked, stop: AbortSignal): Promise<Studied> {
  const { kind, answers, examples, rows } = asked;
  const fields = new Set(examples.flatMap(({ answer }) => Object.keys(parseObject(answer) ?? {})));
  const reading = readingOf(kind, answers, fields);
  const read = rows.map(({ said }) => said.map(reading));
  const votes = read.map((samples) => votesOf(kind, samples));
  const samples = read.flat();
  const usable = samples.filter((one) => one !== null).length;
  const eye = await openEye(
    asked.encoder === undefined ? ((await encodersHere())[0]?.path ?? null) : asked.encoder,
    [...examples, ...rows].map(({ text }) => text),
    stop,
  );
  const scores = kind === 'categories' ? studentScores(eye, asked, votes) : null;
  const place = placeIn(answers);
  const decided = new Set(asked.decided.map(({ row }) => row));
  const found = rows.map(({ row }, i): StudiedRow & { readonly doubt: number } => {
    const own = votes[i]!;
    const first = own.choices[0]?.answer;
    const said = scores?.[i];
    const at = first === undefined ? -1 : place(first);
    const isSame = !said || likeliest(said) === at;
    const taken = first !== undefined && isAgreed(kind, own) && isSame ? first : null;
    const sure = said && at >= 0 ? Math.exp(said[at]!) : 1;
    const more = said ? othersBy(said, answers, own) : [];
    return {
      row,
      taken,
      choices: [...own.choices, ...more],
      agreement: own.agreement,
      doubt: 1 - own.agreement * sure,
    };
  });
  const open = found.filter(({ row, taken }) => taken === null && !decided.has(row));
  const textOf = new Map(rows.map(({ row, text }) => [row, text]));
  return {
    rows: found.map(({ doubt: _, ...row }) => row),
    order: spread(open, (row) => textOf.get(row)!, eye),
    student: scores && { encoder: eye.encoder },
    usable,
    samples: samples.length,
  };
}

/** What the student says of each row by the others; null where nothing is known yet. */
function studentScores(
  eye: StudentEye,
  asked: StudyAsked,
  votes: readonly Votes[],
): (Float64Array | undefined)[] | null {
  const { answers, examples, rows, decided } = asked;
  const place = placeIn(answers);
  const persons = new Map(decided.map(({ row, answer }) => [row, answer]));
  const sure: AnsweredText[] = [...examples];
  const labelled: AnsweredText[] = [];
  const at: number[] = [];
  for (const [i, { row, text }] of rows.entries()) {
    const own = persons.get(row);
    const first = votes[i]!.choices[0]?.answer;
    if (own !== undefined) {
      // an answer that is no category teaches nothing here
      if (own !== null && place(own) >= 0) sure.push({ text, answer: own });
    } else if (first !== undefined) {
      labelled.push({ text, answer: first });
      at.push(i);
    }
  }
  const crossed = crossedScores(eye, answers, sure, labelled);
  const scores: (Float64Array | undefined)[] = rows.map(() => undefined);
  for (const [k, i] of at.entries()) scores[i] = crossed[k];
  const left = rows.flatMap((_, i) => (scores[i] ? [] : [i]));
  const others = eye.scores(
    answers,
    [...sure, ...labelled],
    left.map((i) => rows[i]!.text),
  );
  for (const [k, i] of left.entries()) scores[i] = others[k];
  return scores;
}

/** The categories that no sample named, the student's likeliest first. */
function othersBy(scores: Float64Array, answers: readonly string[], { choices }: Votes) {
  const named = new Set(choices.map(({ answer }) => answer));
  return answers
    .map((answer, i) => ({ answer, votes: 0, score: scores[i]! }))
    .filter(({ answer }) => !named.has(answer))
    .sort((a, b) => b.score - a.score)
    .map(({ answer, votes }) => ({ answer, votes }));
}

/** The most doubtful first, but none that is much like one before it. */
function spread(
  open: readonly { readonly row: number; readonly doubt: number }[],
  textOf: (row: number) => string,
  eye: StudentEye,
): number[] {
  const sorted = open.toSorted((a, b) => b.doubt - a.doubt || a.row - b.row);
  const left = sorted.slice(0, MOST_SPREAD).map((one) => ({ ...one, text: textOf(one.row), nearest: 0 }));
  const order: number[] = [];
  while (left.length > 0) {
    let best = 0;
    const worth = ({ doubt, nearest }: (typeof left)[number]) => doubt * (1 - nearest);
    for (let i = 1; i < left.length; i++) if (worth(left[i]!) > worth(left[best]!)) best = i;
    const [chosen] = left.splice(best, 1);
    order.push(chosen!.row);
    for (const one of left) one.nearest = Math.max(one.nearest, eye.similarity(one.text, chosen!.text));
  }
  return [...order, ...sorted.slice(MOST_SPREAD).map(({ row }) => row)];
}
