/** Finds the sentences that a person reads and that sources compose: those tagged `say`, and nouns that are counted. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { keyOf, keyOfNoun } from '../../common/words/language.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** A noun in a page's own script, where it stands alone. */
const COUNTED = /\bplural\([^,()]+, '([^']+)'(?:, '([^']+)')?\)/g;

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
  for (const file of globSync('renderer/**/*.svelte', { cwd: root }))
    for (const [, one, many] of readFileSync(path.join(root, file), 'utf8').matchAll(COUNTED))
      nouns.push({ text: keyOfNoun(one!, many ?? `${one}s`), at: file });
  for (const file of globSync('{common,main,renderer}/**/*.ts', { cwd: root })) {
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
      const isShown = !/^main\/(cli|extras\/[^/]+\/([\w-]+-)?command\.ts$)/.test(file);
      if (isShown)
        for (const name of literalsOf(one))
          nouns.push({ text: keyOfNoun(name, literalsOf(many)[0] ?? `${name}s`), at: at() });
      if (ts.isStringLiteralLike(node)) texts.add(keyOf([node.text]));
      ts.forEachChild(node, walk);
    }
  }
  return { said, early, nouns, texts };
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
