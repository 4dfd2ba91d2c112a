/** What is new, as it is read from the changelog. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { versionsIn } from '../../../renderer/help/News.svelte';
import { help } from '../../../renderer/text/text.ts';

describe('the changelog', () => {
  it('is cut into versions, kinds and lines', () => {
    const text =
      '# Changelog\n\nAbout.\n\n## [Unreleased]\n\n### Added\n\n- A thing\n  of two lines.\n- Another.\n\n## [0.1.0] - 2026-11-26\n\n### Fixed\n\n- One.\n\n[0.1.0]: https://example.org\n';
    expect(versionsIn(text)).toEqual([
      {
        version: null,
        date: null,
        kinds: [{ kind: 'Added', changes: ['A thing of two lines.', 'Another.'] }],
      },
      { version: '0.1.0', date: '2026-11-26', kinds: [{ kind: 'Fixed', changes: ['One.'] }] },
    ]);
  });

  it('leaves out a version without changes', () => {
    expect(versionsIn('## [Unreleased]\n\n## [0.1.0] - 2026-11-26\n\n### Added\n\n- One.\n')).toHaveLength(1);
  });

  it('of Fettle says in 300 words at most what is new', () => {
    const text = readFileSync(path.join(import.meta.dirname, '../../../CHANGELOG.md'), 'utf8');
    const [newest] = versionsIn(text);
    const words = newest!.kinds.flatMap(({ changes }) => changes.flatMap((change) => change.split(/\s+/)));
    expect(words.length).toBeLessThanOrEqual(300);
  });

  it('of Fettle has a word for each of its kinds, and no line that begins with a mark', () => {
    const versions = versionsIn(
      readFileSync(path.join(import.meta.dirname, '../../../CHANGELOG.md'), 'utf8'),
    );
    const kinds = versions.flatMap((version) => version.kinds);
    expect(kinds.length).toBeGreaterThan(0);
    for (const { kind, changes } of kinds) {
      expect(Object.keys(help.news.kinds)).toContain(kind);
      for (const change of changes) expect(change).toMatch(/^[\p{L}`\d]/u);
    }
  });
});
