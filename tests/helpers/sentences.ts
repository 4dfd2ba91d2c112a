/** Finds the sentences that a person reads: those tagged `say` in the sources, and the catalogue of the pages. */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

const root = `${import.meta.dirname}/../..`;

export interface Sentence {
  readonly text: string;
  readonly at: string;
}

/** What the sources say: sentences by their keys, those said while a file is imported, nouns that are counted, and every text that may be a key in a table. */
export function spokenSentences() {
  const said: Sentence[] = [];
  const early: Sentence[] = [];
  const nouns: Sentence[] = [];
  const texts = new Set<string>();
  for (const file of globSync('{common,main,renderer}/**/*.ts', { cwd: root })) {
    if (/german|^renderer\/text\/de/.test(file)) continue;
    const source = readFileSync(`${root}/${file}`, 'utf8');
    const speaks = file.startsWith('common/') || /\bsay`|\bsaid\(|\b(?:plural|noun)\(/.test(source);
    if (speaks) walk(parsed(file, source));
    function walk(node: ts.Node): void {
      const at = () => placeOf(node, file);
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say') {
        const sentence = { text: textOf(node.template), at: at() };
        said.push(sentence);
        if (!ts.findAncestor(node, ts.isFunctionLike)) early.push(sentence);
      }
      const [first, second] = ts.isCallExpression(node) ? node.arguments : [];
      const called = ts.isCallExpression(node) ? node.expression.getText() : '';
      if (called === 'said' && first && ts.isStringLiteralLike(first))
        said.push({ text: first.text, at: at() });
      const counted = called === 'plural' ? second : called === 'noun' ? first : undefined;
      const isShown = !file.startsWith('main/cli/');
      if (isShown && counted && ts.isStringLiteralLike(counted)) nouns.push({ text: counted.text, at: at() });
      if (ts.isStringLiteralLike(node)) texts.add(node.text);
      ts.forEachChild(node, walk);
    }
  }
  return { said, early, nouns, texts };
}

/** Every text of the pages' English, with the values of templates numbered, by its topic. */
export function catalogueTexts(): ReadonlyMap<string, readonly Sentence[]> {
  const files = globSync(['renderer/text/en/**/*.ts', 'renderer/extras/*/english.ts'], { cwd: root }).filter(
    (file) => !file.endsWith('/en.ts'),
  );
  return new Map(files.map((file) => [file.replace(/^renderer\/(text\/en\/)?/, ''), textsOf(file)]));
}

function textsOf(file: string): Sentence[] {
  const found: Sentence[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    const isName = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
    if ((ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && !isName)
      found.push({ text: textOf(node), at: placeOf(node, file) });
    ts.forEachChild(node, walk);
  };
  ts.forEachChild(parsed(file, readFileSync(`${root}/${file}`, 'utf8')), walk);
  return found;
}

function parsed(file: string, source: string): ts.SourceFile {
  return ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
}

function placeOf(node: ts.Node, file: string): string {
  return `${file}:${node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** A text as `say` keys it. */
function textOf(node: ts.StringLiteralLike | ts.TemplateExpression): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  return node.templateSpans.reduce((text, span, i) => `${text}{${i}}${span.literal.text}`, node.head.text);
}
