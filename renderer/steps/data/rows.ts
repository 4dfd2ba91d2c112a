/** What rows tell: their lengths against the limit, the format of pasted text, a first question. */
import type { DataLook, DoctorReport, DraftContent } from '../../../common/api/contract.ts';
import { wizard } from '../../state/wizard.svelte.ts';

type Histogram = DoctorReport['lengths']['histogram'];

interface Bar {
  /** Rows have more tokens than `above` and at most `upTo`. */
  readonly above: number;
  readonly upTo: number;
  readonly rows: number;
  /** Of the highest bar, 0 to 1. */
  readonly height: number;
}

const FIRST = 16;

/** A limit that is further away than this many empty bars is not drawn. */
const MOST_EMPTY = 3;

/** Bars for every power of two up to the longest row, and on to `limit` where that is near. */
export function bars(histogram: Histogram, limit = 0): Bar[] {
  const longest = histogram.at(-1)?.upTo ?? 0;
  const isNear = longest > 0 && limit > longest && limit <= longest * 2 ** MOST_EMPTY;
  const end = isNear ? limit : longest;
  const rows = new Map(histogram.map((bin) => [bin.upTo, bin.rows]));
  const most = Math.max(1, ...rows.values());
  const found: Bar[] = [];
  for (let upTo = FIRST; upTo / 2 < end && end > 0; upTo *= 2) {
    const count = rows.get(upTo) ?? 0;
    found.push({ above: upTo === FIRST ? 0 : upTo / 2, upTo, rows: count, height: count / most });
  }
  return found;
}

/** Where `limit` lies on the axis of the bars, 0 (left edge) to 1; null where it is beyond the last bar. */
export function cutAt(limit: number, shown: readonly Bar[]): number | null {
  const last = shown.at(-1);
  if (last === undefined || limit > last.upTo) return null;
  const place = limit <= FIRST ? limit / FIRST : 1 + Math.log2(limit / FIRST);
  return place / shown.length;
}

/** The share of rows that `limit` cuts off: least and most, for a limit inside a bar leaves that open. */
export function cutShare(
  limit: number,
  histogram: Histogram,
): { readonly least: number; readonly most: number } {
  const all = histogram.reduce((sum, { rows }) => sum + rows, 0);
  if (all === 0) return { least: 0, most: 0 };
  const of = (isCut: (bin: Histogram[number]) => boolean) =>
    histogram.filter(isCut).reduce((sum, { rows }) => sum + rows, 0) / all;
  const aboveOf = (upTo: number) => (upTo === FIRST ? 0 : upTo / 2);
  return { least: of(({ upTo }) => aboveOf(upTo) >= limit), most: of(({ upTo }) => upTo > limit) };
}

/** A file name for `text`: JSON, JSON Lines, a table with tabs or commas, or running text. */
export function pastedName(text: string): string {
  return `pasted.${kindOf(text.trim())}`;
}

function kindOf(text: string): string {
  const lines = text.split(/\r?\n/, 6).filter((line) => line.trim() !== '');
  if (text.startsWith('[') && isJson(text)) return 'json';
  if (text.startsWith('{') && lines.slice(0, 5).every((line) => line.trimStart().startsWith('{')))
    return 'jsonl';
  if (text.startsWith('{') && isJson(text)) return 'json';
  if (lines.length >= 2 && isTable(lines, '\t')) return 'tsv';
  if (lines.length >= 2 && (isTable(lines, ',') || isTable(lines, ';'))) return 'csv';
  return 'txt';
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether each line has the separator as often as the first, outside quotes; prose hardly ever does. */
function isTable(lines: readonly string[], separator: string): boolean {
  const count = (line: string) => line.replace(/"[^"]*"/g, '').split(separator).length;
  const wanted = count(lines[0] ?? '');
  return wanted > 1 && lines.every((line) => count(line) === wanted);
}

/** Rows as CSV, with quotes where they are needed. */
export function csvText(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

const LONGEST = 2000;
let suggested: string | null = null;

/** Questions in the first rows of a look, each once. */
export function questionsIn(look: DataLook | null): string[] {
  const asked = (look?.first ?? []).flatMap(({ kind, turns }) => {
    const question = kind === 'text' ? undefined : turns.find(({ role }) => role === 'user')?.content.trim();
    return question && question.length <= LONGEST ? [question] : [];
  });
  return [...new Set(asked)];
}

/** Fills in a question where the person has not been asked for one yet. */
export function suggestPrompt(): void {
  const { content, look, heldOutLook } = wizard;
  if (content.prompts !== undefined || content.from !== undefined || look === null) return;
  if (content.evalPaths !== undefined && heldOutLook === null) return;
  const [question] = questionsIn(heldOutLook ?? look);
  if (question === undefined) return;
  suggested = question;
  wizard.change('plan', { prompts: [question] });
}

/** With other data a suggested question goes; one that the person has written stays. */
export function forgetSuggested(): { prompts?: DraftContent['prompts'] | undefined } {
  const prompts = wizard.content.prompts;
  const isOwn = prompts !== undefined && !(prompts.length === 1 && prompts[0] === suggested);
  return isOwn ? {} : { prompts: undefined };
}
