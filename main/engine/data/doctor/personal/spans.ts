/** Pieces of a text that should not be there: found by the finders beside this file, replaced or masked here. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** What stands in its place: `[EMAIL]`. */
  readonly placeholder: string;
}

export type Finder = (text: string) => Span[];

/** `text` with each span as `write` makes it; spans may be in any order, of overlapping ones the first counts. */
export function replaceSpans(
  text: string,
  spans: readonly Span[],
  write: (span: Span, piece: string) => string,
): string {
  let result = '';
  let done = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < done) continue;
    result += text.slice(done, span.start) + write(span, text.slice(span.start, span.end));
    done = span.end;
  }
  return result + text.slice(done);
}

export function overlaps(span: Span, others: readonly Span[]): boolean {
  return others.some(({ start, end }) => span.start < end && start < span.end);
}
