/**
 * Writes the page for the web, docs/site/index.html, from README.md and docs/comparison.md: `npm run site`. It is one file beside the film, asks
 * no other host for anything, and has no script. A test compares it with what these files say.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Marked } from 'marked';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const FOLDER = 'docs/site';
const FILM = 'fettle.webp';

/** Parts of the README that are for people who look at the repository. */
const LEFT_OUT = ['More'];

/** The page, as README.md and docs/comparison.md would have it now. */
export async function sitePage(): Promise<string> {
  const { repository } = JSON.parse(await read('package.json')) as { repository: { url: string } };
  const source = `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main`;
  const readme = sectionsOf(await read('README.md')).filter(({ title }) => !LEFT_OUT.includes(title));
  const [head, ...rest] = readme;
  const lead = head!.text.split('\n\n').filter((part) => !/^(\[!\[|!\[|<picture|# )/.test(part.trim()));
  const tools = (await read('docs/comparison.md')).replace(/^# /, '## ');
  const html = [
    `<header><h1>Fettle</h1>${toHtml(lead[0]!, '', source)}</header>`,
    `<figure><img src="${FILM}" width="960" height="640" alt="Fettle from a table of messages to the verdict on a trained model"><figcaption>Recorded in the app by a script. Waiting is cut.</figcaption></figure>`,
    ...lead.slice(1).map((part) => toHtml(part, '', source)),
    ...rest.map(({ text }) => `<section>${toHtml(text, '', source)}</section>`),
    `<section>${toHtml(tools, 'docs', source)}</section>`,
    `<footer><a href="${source.replace('/blob/main', '')}">Source, documentation and downloads</a></footer>`,
  ];
  return page(html.join('\n'));
}

interface Section {
  readonly title: string;
  readonly text: string;
}

/** The parts that begin with a heading of the second level; the first is what stands before them. */
function sectionsOf(markdown: string): Section[] {
  return markdown
    .split(/^(?=## )/m)
    .map((text) => ({ title: /^## (.+)/.exec(text)?.[1] ?? '', text: text.replaceAll(/<!-- .*? -->/g, '') }));
}

/** HTML of Markdown that lies in `folder`: links to other documents lead to their sources. */
function toHtml(markdown: string, folder: string, source: string): string {
  const marked = new Marked({
    walkTokens(token) {
      if (token.type !== 'link' || /^(https?:|#)/.test(token.href)) return;
      token.href = `${source}/${path.posix.join(folder, token.href)}`;
    },
    renderer: {
      code({ text }) {
        return `<pre tabindex="0"><code>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</code></pre>`;
      },
      // wide tables scroll inside their own box
      table(token) {
        const cell = (tag: string, { tokens }: { tokens: (typeof token.header)[number]['tokens'] }) =>
          `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`;
        // an empty corner is no heading
        const head = token.header.map((one) => cell(one.text ? 'th' : 'td', one)).join('');
        const rows = token.rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`);
        return `<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
      },
    },
  });
  return marked.parse(markdown, { async: false });
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self'; style-src 'unsafe-inline'">
<meta name="description" content="Fine-tune language models on your own computer: no Python, no CUDA toolkit, no account.">
<title>Fettle: fine-tune language models on your own computer</title>
<style>
:root { color-scheme: light dark; --text: light-dark(#1d2130, #e8eaf2); --quiet: light-dark(#555c70, #a9b0c4); --line: light-dark(#d9dce6, #3a4154); --paper: light-dark(#ffffff, #151823); --tint: light-dark(#f4f5fa, #1d2130); --link: light-dark(#3d4fc4, #a3b1ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; color: var(--text); background: var(--paper); font: 1rem/1.6 system-ui, sans-serif; }
h1 { font-size: 2.6rem; line-height: 1.2; margin: 1rem 0 0; }
h2 { font-size: 1.5rem; margin: 3rem 0 0.75rem; }
header p { font-size: 1.25rem; color: var(--quiet); margin-top: 0.5rem; }
a { color: var(--link); }
figure { margin: 2rem 0; }
img { display: block; width: 100%; height: auto; border: 1px solid var(--line); border-radius: 0.5rem; }
figcaption, footer { color: var(--quiet); margin-top: 0.5rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; min-width: 100%; font-size: 0.95rem; }
th, td { text-align: start; vertical-align: top; padding: 0.5rem 0.75rem; border-bottom: 1px solid var(--line); }
th { background: var(--tint); }
pre { overflow-x: auto; padding: 1rem; background: var(--tint); border-radius: 0.5rem; }
footer { margin-top: 4rem; }
</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

function read(file: string): Promise<string> {
  return readFile(path.join(ROOT, file), 'utf8');
}

if (process.argv[1] === import.meta.filename)
  await writeFile(path.join(ROOT, FOLDER, 'index.html'), await sitePage());
