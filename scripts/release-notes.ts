/**
 * Reads CHANGELOG.md, whose structure is strict because the app shows it, too. `node scripts/release-notes.ts v1.2.3` prints the notes
 * of that version for its GitHub release, with the state of each language, and fails where the tag, package.json and the changelog disagree.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface Release {
  /** `Unreleased` or a version. */
  readonly version: string;
  /** `2026-11-28`; absent for what is not released. */
  readonly date?: string;
  /** The sections below the heading, as Markdown. */
  readonly notes: string;
}

const HEADING = /^## \[(Unreleased|\d+\.\d+\.\d+)\](?: - (\d{4}-\d{2}-\d{2}))?$/;

/** The releases of a changelog, the newest first. */
export function releasesIn(changelog: string): readonly Release[] {
  return changelog
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith('## '))
    .map((part) => {
      const [heading = '', ...lines] = part.trim().split('\n');
      const [, version, date] = HEADING.exec(heading) ?? [];
      if (!version) throw new Error(`CHANGELOG.md: "${heading}" is no heading of a version`);
      return { version, ...(date && { date }), notes: lines.join('\n').trim() };
    });
}

/** The notes of the version that `tag` names. */
export function notesOf(tag: string, packageVersion: string, changelog: string): string {
  if (tag !== `v${packageVersion}`)
    throw new Error(`Tag ${tag} is not version ${packageVersion} of package.json`);
  const release = releasesIn(changelog).find(({ version }) => version === packageVersion);
  if (!release?.date) throw new Error(`CHANGELOG.md has no dated section for ${packageVersion}`);
  return release.notes;
}

type Counts = Readonly<Record<'missing' | 'stale' | 'older' | 'long', readonly string[]>>;

/** What is said of languages that lack something; nothing where none does. */
export function languageNotes(languages: readonly (readonly [name: string, Counts])[]): string {
  const lines = languages.flatMap(([name, { missing, stale, older, long }]) => {
    const said = [
      [missing.length + stale.length, 'shown in English'],
      [older.length, 'older than the English'],
      [long.length, 'longer than their place'],
    ].filter(([count]) => count !== 0);
    return said.length > 0 ? [`- ${name}: ${said.map((one) => one.join(' ')).join(', ')}.`] : [];
  });
  return lines.length > 0 ? `\n### Texts of languages\n\n${lines.join('\n')}` : '';
}

/** The tag before this one; null where git knows none. */
function lastRelease(tag: string): string | null {
  try {
    return execFileSync('git', ['describe', '--tags', '--abbrev=0', `${tag}^`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

async function stateOfLanguages(tag: string): Promise<string> {
  const { olderThanEnglish, reportOn } = await import('./words/check.ts');
  const { LANGUAGE_CODES, LANGUAGES } = await import('../common/words/language.ts');
  const before = lastRelease(tag);
  const others = LANGUAGE_CODES.filter((code) => code !== 'en');
  return languageNotes(
    others.map((code) => [
      LANGUAGES[code].name,
      { ...reportOn(code), older: before === null ? [] : olderThanEnglish(code, before) },
    ]),
  );
}

if (process.argv[1] === import.meta.filename) {
  const read = (name: string) => readFileSync(path.join(import.meta.dirname, '..', name), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  const tag = process.argv[2] ?? '';
  console.log(notesOf(tag, version, read('CHANGELOG.md')));
  console.log(await stateOfLanguages(tag));
}
