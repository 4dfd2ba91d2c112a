/** The workflows that GitHub runs, which nothing here can run: what they name exists, and what they may do is limited. */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { languageNotes, notesOf, releasesIn } from '../../scripts/release-notes.ts';

// the package has no types of its own
const yaml = createRequire(import.meta.url)('js-yaml') as { load(text: string): unknown };

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly uses?: string;
  readonly 'timeout-minutes'?: number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string | readonly string[];
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}
interface Builder {
  readonly artifactName: string;
  readonly publish: { readonly provider: string };
  readonly linux: { readonly target: readonly string[] };
  readonly win: { readonly target: readonly string[] };
  readonly mac: { readonly target: readonly string[] };
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');
const parsed = <T>(name: string) => yaml.load(read(name)) as T;
const manifest = JSON.parse(read('package.json')) as {
  version: string;
  scripts: Record<string, string>;
  engines: { node: string };
};
const changelog = read('CHANGELOG.md');

const WORKFLOWS = readdirSync(path.join(ROOT, '.github/workflows')).map(
  (name) => `.github/workflows/${name}`,
);
const jobsOf = (name: string) => Object.entries(parsed<Workflow>(name).jobs);
const stepsOf = (name: string) => jobsOf(name).flatMap(([, job]) => job.steps ?? []);

describe.each(WORKFLOWS)('%s', (name) => {
  test('may read the code alone, and does not run twice for the same ref', () => {
    const { permissions, concurrency } = parsed<Workflow>(name);
    expect(permissions).toEqual({ contents: 'read' });
    expect(concurrency.group).toContain('github.ref');
  });

  test.each(jobsOf(name))('gives the job %s its permissions and a time limit', (_, job) => {
    expect(job.permissions).toBeDefined();
    // a job that calls a workflow has that workflow's limits
    if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0);
    else expect(WORKFLOWS).toContain(job.uses.replace('./', ''));
  });

  test('pins every action to a full version', () => {
    const actions = stepsOf(name).flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(1);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  test('runs scripts that exist', () => {
    const commands = stepsOf(name).flatMap(({ run }) => run ?? []);
    const scripts = commands.flatMap((line) => /npm (?:run )?([\w:]+)/.exec(line)?.[1] ?? []);
    expect(scripts.length).toBeGreaterThan(1);
    expect(scripts.filter((script) => script !== 'ci' && !(script in manifest.scripts))).toEqual([]);
    const files = commands.flatMap((line) => /node (scripts\/\S+\.ts)/.exec(line)?.[1] ?? []);
    for (const file of files) expect(() => read(file)).not.toThrow();
  });

  test('keeps no credentials in the checkout', () => {
    const checkouts = stepsOf(name).filter(({ uses }) => uses?.startsWith('actions/checkout@'));
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  test('says that it has never run', () => {
    expect(read(name)).toMatch(/^#.*\n# This workflow has never run/);
  });
});

test('the oldest Node that is accepted runs the demo and trains', () => {
  const { strategy, steps } = parsed<Workflow>('.github/workflows/ci.yml').jobs.oldest!;
  const oldest = manifest.engines.node.replace('>=', '');
  expect(strategy!.matrix.node).toContain(`${oldest}.0`);
  const commands = steps!.flatMap(({ run }) => run ?? []);
  expect(commands).toContain('node bin/fettle.js demo');
  // by npm it would be the Node that the install brings
  expect(commands.filter((command) => /^np[mx] /.test(command))).toEqual(['npm ci']);
  const files = commands.flatMap((command) => command.match(/\btests\/\S+/g) ?? []);
  expect(files).not.toEqual([]);
  for (const file of files) expect(() => read(file)).not.toThrow();
});

describe('a release', () => {
  const builder = parsed<Builder>('electron-builder.yml');
  const jobs = parsed<Workflow>('.github/workflows/release.yml').jobs;

  test('is tested, then packed, then drafted by the one job that may write', () => {
    expect(jobs.package!.needs).toBe('test');
    expect(jobs.draft!.needs).toBe('package');
    const writers = Object.entries(jobs).filter(([, job]) => job.permissions?.contents === 'write');
    expect(writers.map(([job]) => job)).toEqual(['draft']);
  });

  test('keeps every kind of package that is built, and the metadata of updates', () => {
    const kinds = { AppImage: 'AppImage', deb: 'deb', nsis: 'exe', dmg: 'dmg' };
    const targets = [builder.linux, builder.win, builder.mac].flatMap(({ target }) => target);
    expect(targets.toSorted()).toEqual(Object.keys(kinds).toSorted());
    const upload = jobs.package!.steps!.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'));
    const kept = String(upload!.with!.path).trim().split('\n');
    expect(kept).toEqual(
      expect.arrayContaining([...Object.values(kinds).map((kind) => `out/*.${kind}`), 'out/latest*.yml']),
    );
  });

  test('names its files as GitHub keeps them, so that the metadata finds them', () => {
    expect(builder.artifactName).not.toMatch(/\s/);
    expect(builder.publish.provider).toBe('github');
  });
});

describe('CHANGELOG.md', () => {
  const releases = releasesIn(changelog);

  test('has what is not released first, then this version, newest first', () => {
    expect(releases[0]).toMatchObject({ version: 'Unreleased' });
    expect(releases.map(({ version }) => version)).toContain(manifest.version);
    const dates = releases.slice(1).map(({ date }) => date!);
    expect(dates).toEqual(dates.toSorted().reverse());
  });

  test.each(releases)('has lists of changes alone under $version', ({ notes }) => {
    const strict = /^(### (Added|Changed|Fixed|Removed|Security)|- \S.*|)$/;
    expect(notes.split('\n').filter((line) => !strict.test(line))).toEqual([]);
    expect(notes).toMatch(/^### \w+\n\n- /);
  });

  test('gives a release its notes, and refuses a tag that fits nothing', () => {
    const text =
      '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- One.\n\n## [1.2.2]\n';
    expect(notesOf('v1.2.3', '1.2.3', text)).toBe('### Added\n\n- One.');
    expect(() => notesOf('v1.2.4', '1.2.3', text)).toThrow('is not version 1.2.3');
    expect(() => notesOf('v1.2.2', '1.2.2', text)).toThrow('no dated section');
    expect(() => releasesIn('## 1.0\n')).toThrow('no heading');
  });

  test('is followed by the languages that lack something', () => {
    const whole = { missing: [], stale: [], older: [], long: [] };
    expect(languageNotes([['Deutsch', whole]])).toBe('');
    const notes = languageNotes([
      ['Deutsch', whole],
      ['Français', { ...whole, missing: ['a', 'b'], stale: ['c'], older: ['d'] }],
      ['日本語', { ...whole, long: ['e'] }],
    ]);
    expect(notes.split('\n').slice(3)).toEqual([
      '- Français: 3 shown in English, 1 older than the English.',
      '- 日本語: 1 longer than their place.',
    ]);
  });
});
