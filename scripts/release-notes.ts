/**
 * Reads CHANGELOG.md, whose structure is strict because the app shows it, too. `node scripts/release-notes.ts v1.2.3` prints the notes
 * of that version for its GitHub release, and fails where the tag, package.json and the changelog disagree.
 */
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

if (process.argv[1] === import.meta.filename) {
  const read = (name: string) => readFileSync(path.join(import.meta.dirname, '..', name), 'utf8');
  const { version } = JSON.parse(read('package.json')) as { version: string };
  console.log(notesOf(process.argv[2] ?? '', version, read('CHANGELOG.md')));
}
