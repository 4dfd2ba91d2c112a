/** A person decides rows one by one in a terminal: a number for a choice, or an answer of their own. */
import { createInterface } from 'node:readline';
import type { Studied } from '../../../common/extras/teacher/kinds.ts';
import type { Streams } from '../../cli/command.ts';
import { duration, percent, plural, within } from '../../cli/words.ts';
import type { Journal } from './journal.ts';
import { STUDIED_AFTER } from './teachings.ts';

/** Choices that have a number. */
const SHOWN = 9;
const PROMPT = 'Number, = your answer, m more, x leave out, s later, u undo, q end: ';

interface Deciding {
  readonly journal: Journal;
  readonly studied: Studied;
  /** What the answers come to now. */
  study(): Promise<Studied>;
}

/** Asks until no row waits or the person ends; gives what the answers come to then. */
export async function decide(
  { journal, studied: first, study }: Deciding,
  { err }: Streams,
  stop: AbortSignal,
): Promise<Studied> {
  // opened only now: lines that come while nobody waits for them would be lost
  const input = createInterface({ input: process.stdin, terminal: false });
  const lines = input[Symbol.asyncIterator]();
  const ended = new Promise<{ done: true; value: undefined }>((resolve) =>
    stop.addEventListener('abort', () => resolve({ done: true, value: undefined })),
  );
  let studied = first;
  let queue = [...studied.order];
  let since = 0;
  let page = 0;
  const later = new Set<number>();
  const started = performance.now();
  const begun = journal.decided.length;
  for (let row = queue[0]; row !== undefined; row = queue[0]) {
    const { choices, agreement } = studied.rows.find((one) => one.row === row)!;
    const shown = choices.slice(page * SHOWN, (page + 1) * SHOWN);
    err.write(rowText(journal, row, { shown, agreement, left: queue.length }));
    const line = await Promise.race([lines.next(), ended]);
    if (line.done) break;
    const said = line.value.trim();
    if (said === 'q') break;
    if (said === 'm') {
      page = (page + 1) * SHOWN < choices.length ? page + 1 : 0;
      continue;
    }
    page = 0;
    if (said === 's') {
      later.add(row);
      queue.shift();
      continue;
    }
    if (said === 'u') {
      const back = await journal.undo();
      if (back === null) err.write('Nothing to undo.\n');
      else queue = [back, ...queue.filter((one) => one !== back)];
      continue;
    }
    const answer = answerOf(said, shown, journal);
    if (answer === undefined) {
      err.write('That is none of them.\n');
      continue;
    }
    await journal.add({ row, decided: answer });
    queue.shift();
    if (++since % STUDIED_AFTER === 0 && queue.length > 0) {
      studied = await study();
      queue = studied.order.filter((one) => !later.has(one));
    }
  }
  input.close();
  const made = journal.decided.length - begun;
  if (made > 0)
    err.write(
      `\n${made === 1 ? '1 row' : `${made} rows`} decided in ${duration((performance.now() - started) / 1000)}.\n`,
    );
  return since > 0 || made !== 0 ? await study() : studied;
}

/** Null: the row is left out; undefined: nothing that can be taken. */
function answerOf(
  said: string,
  shown: readonly { readonly answer: string }[],
  { head }: Journal,
): string | null | undefined {
  if (said === 'x') return null;
  if (/^\d+$/.test(said)) return shown[Number(said) - 1]?.answer;
  if (!said.startsWith('=')) return undefined;
  const own = said.slice(1).trim();
  if (own === '') return undefined;
  if (head.kind !== 'categories') return own;
  const fits = head.answers.filter((one) => one.toLowerCase().startsWith(own.toLowerCase()));
  return (
    fits.find((one) => one.toLowerCase() === own.toLowerCase()) ?? (fits.length === 1 ? fits[0] : undefined)
  );
}

const SHOWN_CHARS = 1500;

function rowText(
  { head, texts, said, written }: Journal,
  row: number,
  {
    shown,
    agreement,
    left,
  }: {
    readonly shown: Studied['rows'][number]['choices'];
    readonly agreement: number;
    readonly left: number;
  },
): string {
  const cut = (text: string) => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);
  const samples = said.get(row)?.said.length ?? 0;
  const lines = shown.map(({ answer, votes }, i) => {
    const by = votes === 0 ? '' : `  (${votes} of ${samples})`;
    return `  ${i + 1}  ${within(cut(answer), '     ')}${by}`;
  });
  const alike = head.kind === 'free' ? `\nThe answers are ${percent(agreement)} alike.` : '';
  const of = written.get(texts[row]!);
  const like = of ? `\n     written like: ${within(cut(head.examples[of.example]!.text), '     ')}` : '';
  return `\n${plural(left, 'row')} to decide\n     ${within(cut(texts[row]!), '     ')}${like}\n\n${lines.join('\n')}${alike}\n\n${PROMPT}`;
}
