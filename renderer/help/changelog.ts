/** CHANGELOG.md as versions, kinds of changes and their lines; it is built into the pages. */

export interface Version {
  /** null for what is not released yet. */
  readonly version: string | null;
  /** As in `2026-11-26`. */
  readonly date: string | null;
  readonly kinds: readonly { readonly kind: string; readonly changes: readonly string[] }[];
}

/** The versions of a changelog, newest first; those without a change are left out. */
export function versionsIn(changelog: string): Version[] {
  return changelog
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [, name = '', date = null] = /^\[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?/.exec(text) ?? [];
      return { version: date === null ? null : name, date, kinds: kindsIn(text) };
    })
    .filter(({ kinds }) => kinds.length > 0);
}

function kindsIn(text: string): Version['kinds'] {
  return text
    .split(/^### /m)
    .slice(1)
    .map((part) => {
      const [kind = '', ...lines] = part.split('\n');
      const list = lines
        .filter((line) => !line.startsWith('['))
        .join('\n')
        .split(/^- /m)
        .slice(1);
      return { kind: kind.trim(), changes: list.map((change) => change.replace(/\s+/g, ' ').trim()) };
    })
    .filter(({ changes }) => changes.length > 0);
}
