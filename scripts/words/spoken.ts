/** Finds the sentences that a person reads: those tagged `say` in the sources, and the catalogue of the pages. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { keyOf, keyOfNoun } from '../../common/words/language.ts';

const root = path.resolve(import.meta.dirname, '../..');

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
    const speaks = file.startsWith('common/') || /\bsay`|\bsaid\(|\bplural\(/.test(source);
    if (speaks) walk(parsed(file, source));
    function walk(node: ts.Node): void {
      const at = () => placeOf(node, file);
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say') {
        const sentence = { text: textOf(node.template), at: at() };
        said.push(sentence);
        if (!ts.findAncestor(node, ts.isFunctionLike)) early.push(sentence);
      }
      const [first, second, third] = ts.isCallExpression(node) ? node.arguments : [];
      const called = ts.isCallExpression(node) ? node.expression.getText() : '';
      if (called === 'said' && first && ts.isStringLiteralLike(first))
        said.push({ text: keyOf([first.text]), at: at() });
      const [one, many] = called === 'plural' ? [second, third] : called === 'some' ? [second, third] : [];
      const isShown = !/^main\/(cli|extras\/[^/]+\/command\.ts$)/.test(file);
      if (isShown)
        for (const name of literalsOf(one))
          nouns.push({ text: keyOfNoun(name, literalsOf(many)[0] ?? `${name}s`), at: at() });
      if (ts.isStringLiteralLike(node)) texts.add(keyOf([node.text]));
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
  if (ts.isStringLiteralLike(node)) return keyOf([node.text]);
  return keyOf([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)]);
}

/** The texts that an expression may give. */
function literalsOf(node: ts.Expression | undefined): string[] {
  if (!node) return [];
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(literalsOf);
  return ts.isStringLiteralLike(node) ? [node.text] : [];
}
