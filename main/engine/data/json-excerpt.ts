/** Short, printable pieces of a data file for error messages: the place that is wrong, not a screen full of text. */

const EXCERPT_CHARS = 60;

/** At most about 60 characters of `text` around `at`, quoted, with control characters made visible. */
export function excerpt(text: string, at = 0): string {
  const start = Math.max(0, Math.min(at - 20, text.length - EXCERPT_CHARS));
  const end = Math.min(text.length, start + EXCERPT_CHARS);
  // JSON's escapes keep terminal control sequences in hostile data from reaching the terminal
  const shown = JSON.stringify(text.slice(start, end))
    .slice(1, -1)
    .replace(/[\u007f-\u009f]/g, '?');
  return `${start > 0 ? '…' : ''}${shown.replaceAll('\\"', '"')}${end < text.length ? '…' : ''}`;
}

/** What is wrong with `text`, from the error that `JSON.parse` threw: the reason and the text around the place. */
export function jsonProblem(text: string, error: Error): string {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return `${reason(error)}: ${excerpt(text, quotedPlace(text, error))}`;
  return `${reason(error)} at column ${Number(position) + 1}: ${excerpt(text, Number(position))}`;
}

/** V8 gives no position where it quotes the text around the place: `..."x": yes}"... is not valid JSON`. */
function quotedPlace(text: string, error: Error): number {
  const quoted = /, \.\.\."(.*)"(?:\.\.\.)? is not valid JSON$/su.exec(error.message)?.[1];
  return quoted === undefined ? 0 : Math.max(0, text.indexOf(quoted));
}

function reason(error: Error): string {
  const short = error.message
    .replace(/ in JSON at position.*$/su, '')
    .replace(/, .*is not valid JSON$/su, '')
    .replace(/ \(line \d+ column \d+\)$/u, '');
  return short === 'Unexpected end of JSON input'
    ? 'a line that ends too early'
    : `text with a mistake (${excerpt(short)})`;
}
