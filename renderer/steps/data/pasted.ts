/** What a pasted text is, judged by its first lines, so that it is kept under a name that the reader understands. */

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

/** Whether each line has the separator as often as the first, quoted ones not counted; prose hardly ever does. */
function isTable(lines: readonly string[], separator: string): boolean {
  const count = (line: string) => line.replace(/"[^"]*"/g, '').split(separator).length;
  const wanted = count(lines[0] ?? '');
  return wanted > 1 && lines.every((line) => count(line) === wanted);
}
