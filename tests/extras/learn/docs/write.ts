/**
 * Writes docs/learn/ from the texts of the application's learning pages and its glossary; where a page has a calculator or a picture
 * there is a table, computed by the same functions. Run `npm run docs:learn` after a change; a test compares.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LearnPage, LearnSection } from '../../../../renderer/extras/learn/text/page.ts';
import { courseText, learnPages, learnText } from '../../../../renderer/extras/learn/text.ts';
import { entryOf, glossary, glossarySections, piecesOf } from '../../../../renderer/text/glossary.ts';
import { glossaryPage } from '../../../../renderer/text/text.ts';
import { courseParts } from './course.ts';
import { FIGURES } from './figures.ts';

export const FOLDER = path.resolve(import.meta.dirname, '../../../../docs/learn');
const NOTE =
  '<!-- Written by `npm run docs:learn` from words/en/pages and main/extras/learn: change those. -->';
const GLOSSARY = 'glossary.md';
const COURSE = 'course.md';

/** Every file of docs/learn with its text, as the code would have it now. */
export async function learnDocs(): Promise<Map<string, string>> {
  const files = new Map<string, string>([['README.md', index()]]);
  for (const page of learnPages) files.set(`${page.id}.md`, await pageText(page));
  files.set(COURSE, lines([`# ${courseText.title}`, NOTE, courseText.lead, ...courseParts()]));
  return files.set(GLOSSARY, glossaryText());
}

function index(): string {
  const links = learnPages.map(({ id, title, lead }) => `- [${title}](${id}.md): ${lead}`);
  return lines([
    `# ${learnText.title}`,
    NOTE,
    `${learnText.lead} The app has the same pages under "${learnText.title}", with live figures. On the command line they are \`fettle learn memory\` and \`fettle learn time\`.`,
    `[${courseText.title}](${COURSE}): ${courseText.lead}`,
    [...links, `- [${glossaryPage.title}](${GLOSSARY}): ${glossaryPage.lead}`].join('\n'),
  ]);
}

async function pageText({ title, lead, sections, sources }: LearnPage): Promise<string> {
  const parts = await Promise.all(sections.map(sectionText));
  const list = sources?.map((source) => `- ${source}`).join('\n');
  return lines([`# ${title}`, NOTE, lead, ...parts, ...(list ? [`## ${learnText.sources}`, list] : [])]);
}

async function sectionText({ title, paragraphs, points, figure, after }: LearnSection): Promise<string> {
  return lines([
    `## ${title}`,
    ...paragraphs.map(linked),
    ...(points ? [points.map((point) => `- ${linked(point)}`).join('\n')] : []),
    ...(figure ? [await FIGURES[figure]()] : []),
    ...(after ?? []).map(linked),
  ]).trimEnd();
}

function glossaryText(): string {
  const sections = glossarySections.map(({ title, entries }) => {
    const rows = entries.map(({ id, word, short, more, also }) => {
      const names = also ? ` ${glossaryPage.also(also)}.` : '';
      return `- <a id="${id}"></a>**${word}**: ${short}${more ? ` ${linked(more)}` : ''}${names}`;
    });
    return `## ${title}\n\n${rows.join('\n')}`;
  });
  return lines([
    `# ${glossaryPage.title}`,
    NOTE,
    `${glossaryPage.lead} There are ${glossary.length}.`,
    ...sections,
  ]);
}

/** `[[term]]` as a link to the glossary. */
function linked(text: string): string {
  return piecesOf(text)
    .map((piece) => {
      if ('code' in piece) return `\`${piece.text}\``;
      const entry = 'term' in piece ? entryOf(piece.term) : null;
      return entry ? `[${piece.text}](${GLOSSARY}#${entry.id})` : piece.text;
    })
    .join('');
}

function lines(parts: readonly string[]): string {
  // a page in the repository is searched for "14 GB"
  return `${parts.join('\n\n')}\n`.replaceAll('\u00a0', ' ');
}

if (import.meta.filename === process.argv[1]) {
  const files = await learnDocs();
  await mkdir(FOLDER, { recursive: true });
  for (const name of await readdir(FOLDER)) if (!files.has(name)) await rm(path.join(FOLDER, name));
  for (const [name, text] of files) await writeFile(path.join(FOLDER, name), text);
}
