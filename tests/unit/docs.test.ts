/**
 * The documents against the code: generated parts, links, named files, commands with their flags, events with their
 * fields. Prose that nothing checks is wrong after a month.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../main/cli/arguments.ts';
import { COMMANDS } from '../../main/cli/commands.ts';
import { GGUF_LAYOUTS } from '../../main/engine/io/gguf-types.ts';
import { MODEL_TYPES } from '../../main/engine/models/registry.ts';
import { CHECKS } from '../../main/rows/doctor/table.ts';
import { DOCUMENTS, withTables } from '../../scripts/docs-tables.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...['docs', 'docs/decisions', 'docs/decisions/replaced', 'docs/recipes', 'docs/log'].flatMap(inFolder),
];

function inFolder(folder: string): string[] {
  const names = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

/** The anchors that GitHub makes of the headings in `text`. */
function anchorsIn(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Lines of the fenced code blocks in `text` that have the language `language`. */
function codeLines(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'));
  return [...blocks].flatMap(([, body]) => body!.trim().split('\n'));
}

/** Words of a shell command; quotes hold words together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

describe.each(DOCUMENTS)('the generated parts of %s', (file) => {
  it('are what scripts/docs-tables.ts writes', async () => {
    const text = read(file);
    expect(text).toContain('<!-- table: ');
    expect(await withTables(text)).toBe(text);
  });
});

describe.each(FILES)('%s', (file) => {
  const text = read(file);
  const folder = path.dirname(file);

  it('has no marks of a merge that was left open', () => {
    expect(text).not.toMatch(/^(<{7}|>{7}) /m);
  });

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)/g)].map(([, link]) => link!);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !existsSync(path.join(ROOT, folder, link)))).toEqual([]);
  });

  it('links to headings that exist', () => {
    const links = [...text.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)];
    const broken = links.filter(([, target, anchor]) => {
      const page = target ? path.join(folder, target) : file;
      return page.endsWith('.md') && !anchorsIn(read(page)).includes(anchor!);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('has tables that GitHub takes for tables: every line has as many cells as the head', () => {
    const lines = text.replaceAll(/^\s*```[\s\S]*?^\s*```/gm, '').split('\n');
    const cells = (line = '') => [...line.replaceAll('\\|', '').matchAll(/\|/g)].length;
    const isRow = (line = '') => line.trim().startsWith('|');
    const odd = lines.filter((line, at) => {
      const above = lines[at - 1];
      return isRow(line) && isRow(above) && cells(line) !== cells(above);
    });
    expect(odd).toEqual([]);
  });

  it('names files that exist', () => {
    const names = [...text.matchAll(/`((?:[\w.-]+\/)+[\w.-]*)`/g)].map(([, name]) => name!);
    const ours = names.filter((name) =>
      /^(main|tests|scripts|resources|docs|bin|preload|renderer)\//.test(name),
    );
    expect(ours.filter((name) => !/NEW|NAME/.test(name) && !existsSync(path.join(ROOT, name)))).toEqual([]);
  });

  it('shows commands that exist, with flags that exist', async () => {
    const lines = [...codeLines(text, 'sh'), ...codeLines(text, '')];
    for (const line of lines.filter((one) => /^npx fettle \w/.test(one))) {
      const words = wordsOf(line).slice(2);
      const entry = COMMANDS.find((one) => [words[0], `${words[0]} ${words[1]}`].includes(one.name));
      expect(entry, line).toBeDefined();
      const { command } = await entry!.load();
      const rest = words.slice(entry!.name.split(' ').length);
      expect(() => readArguments(entry!.name, command.flags, rest), line).not.toThrow();
    }
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const called = lines.flatMap((line) => [...line.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!));
    expect(called.filter((name) => !(name in scripts))).toEqual([]);
  });
});

/** What is written by hand to be read from the top: the log and the decisions are notes of their day. */
const PROSE = FILES.filter((file) => !/^docs\/(decisions|log|cli\.md)/.test(file));

/** Words that the field, or plain English, has better ones for. */
const AVOIDED =
  /\b(foretold|untouched|by heart|likeness|anew|in place of|way (?:back|there)|all the same|shall|in vain|rounded by chance|kept apart)\b/i;

describe.each(PROSE)('the prose of %s', (file) => {
  const prose = read(file).replaceAll(/```[\s\S]*?```|<!-- table[\s\S]*?<!-- end -->/g, '');

  it('has paragraphs of at most five lines', () => {
    // tables, headings and lists aside
    const paragraphs = prose.split(/\n\s*\n/).filter((part) => /^(?![|#<-]|\d\. )/.test(part.trim()));
    const long = paragraphs.filter((part) => {
      const lines = part.trim().split('\n');
      return lines.length > 5 || lines.some((line) => line.length > 145);
    });
    expect(long).toEqual([]);
  });

  it('uses the usual words', () => {
    expect(prose.split('\n').filter((line) => AVOIDED.test(line))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('names engine files that exist', () => {
    const named = [...read('docs/architecture.md').matchAll(/`([\w./-]+\.ts|[\w-]+\/(?:[\w-]+\/)*)`/g)];
    const names = [...new Set(named.map(([, name]) => name!))];
    const places = (name: string) => [name, `main/engine/${name}`].map((one) => path.join(ROOT, one));
    const written = /^(adapter|model)\/$/; // folders of a run
    const missing = names.filter(
      (name) => !written.test(name) && !places(name).some((one) => existsSync(one)),
    );
    expect(names.length).toBeGreaterThan(40);
    expect(missing).toEqual([]);
  });
});

describe('README.md', () => {
  const text = read('README.md');

  it('gives the commands to try it and to test it', () => {
    expect(codeLines(text, 'sh')).toEqual(
      expect.arrayContaining(['npm ci && npm run demo', 'npm start', 'npm ci && npm test']),
    );
  });

  it('is a shop window of at most 900 words, with the film of the page for the web', () => {
    expect(text.split(/\s+/).length).toBeLessThanOrEqual(900);
    const pictures = [...text.matchAll(/!\[[^\]]*\]\((docs[^)]+)\)/g)].map(([, file]) => file!);
    expect(pictures).toEqual(['docs/site/fettle.webp']);
    expect(pictures.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('names every model type', () => {
    expect(MODEL_TYPES.filter((type) => !text.includes(`\`${type}\``))).toEqual([]);
  });

  it('counts the problems that the data check finds', () => {
    expect(text).toContain(`[${CHECKS.length} kinds of problems]`);
  });
});

describe('docs/models.md', () => {
  it('names every GGUF format', () => {
    const text = read('docs/models.md');
    const formats = [...GGUF_LAYOUTS.values()].map(({ type }) => type).filter((type) => /^I?Q/.test(type));
    const range = ['Q3_K', 'Q4_K', 'Q5_K']; // "Q2_K to Q6_K"
    expect(formats.filter((format) => !range.includes(format) && !text.includes(format))).toEqual([]);
  });
});

describe.each(inFolder('docs/recipes').filter((file) => !file.endsWith('README.md')))('%s', (file) => {
  it('names declarations that are in the files it says', () => {
    const named = [...read(file).matchAll(/`(\w+)`\s+(?:of|in)\s+`([\w./-]+\.(?:ts|cjs))`/g)];
    const missing = named.filter(
      ([, name, place]) => !new RegExp(`\\b(const|function|interface|type) ${name}\\b`).test(read(place!)),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(missing.map(([text]) => text)).toEqual([]);
  });
});

describe('docs/decisions', () => {
  it('lists every page in its index', () => {
    const pages = inFolder('docs/decisions').filter((file) => /\d{4}-/.test(file));
    const index = read('docs/decisions/README.md');
    expect(pages.length).toBeGreaterThanOrEqual(7);
    expect(pages.filter((file) => !index.includes(`(${path.basename(file)})`))).toEqual([]);
  });

  it('are short enough to be read, with the log', () => {
    const pages = ['docs/decisions', 'docs/decisions/replaced', 'docs/log'].flatMap(inFolder);
    const words = pages.map((file) => read(file).split(/\s+/).length);
    expect(words.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(60_000);
  });

  it('says on every replaced page what replaced it, and lists it apart', () => {
    const pages = inFolder('docs/decisions/replaced').filter((file) => /\d{4}-/.test(file));
    const index = read('docs/decisions/replaced/README.md');
    expect(pages.length).toBeGreaterThan(0);
    expect(pages.filter((file) => !/^# .+\n\nReplaced by \[\d{4}\]/.test(read(file)))).toEqual([]);
    expect(pages.filter((file) => !index.includes(`(${path.basename(file)})`))).toEqual([]);
  });
});
