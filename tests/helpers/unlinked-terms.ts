/**
 * Words of the glossary that a page shows without a way to their entry, or with more than one. It walks what a component or a page has
 * become, as HTML, and knows nothing of how the links came there.
 */
import { entryOf, termsIn } from '../../renderer/text/glossary.ts';

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
  readonly parent: Element | null;
}

/** Where no link may stand, and why; each is tried on an element. */
const NO_LINKS: readonly (readonly [why: string, is: (element: Element) => boolean])[] = [
  ['is a control, and a link in it would be a control in a control', ({ tag }) => CONTROLS.has(tag)],
  ['is a control by its role', ({ attributes }) => ROLES.has(attributes.role ?? '')],
  ['is the name of the page, which takes the focus', ({ tag }) => tag === 'h1'],
  [
    'is not seen',
    (element) => element.attributes['aria-hidden'] === 'true' || 'hidden' in element.attributes,
  ],
  ['is for screen readers alone', (element) => NOT_SEEN.some((name) => has(element, name))],
  ['is a mark of a few words', (element) => has(element, 'badge')],
  ['is drawn, not written', ({ tag }) => tag === 'svg' || tag === 'style' || tag === 'script'],
  ['is to be read by programs', ({ tag }) => tag === 'code' || tag === 'pre' || tag === 'kbd'],
  ['was written by the person or a model', (element) => QUOTED.some((name) => has(element, name))],
  ['was written by the person or a model', ({ tag }) => ['q', 'del', 'ins', 'textarea'].includes(tag)],
  ['is the title of the window', ({ tag }) => tag === 'head'],
  [
    'asks something, and a link would leave the question open',
    ({ attributes }) => attributes.role === 'dialog',
  ],
  ['stands in each of ten thousand rows', ({ attributes }) => attributes.role === 'cell'],
  ['is a control with its label around it', (element) => element.tag === 'label' && hasTag(element, 'input')],
];
const NOT_SEEN = ['visually-hidden', 'skip'];
const CONTROLS = new Set(['a', 'button', 'summary', 'select', 'input', 'nav']);
const ROLES = new Set(['button', 'option', 'tab', 'menuitem', 'tooltip', 'listbox', 'menu']);
/** Classes of what a person or a model has said, named or set. */
const QUOTED = ['said', 'example', 'token', 'given'];
/** Which names a heading or a label leaves to the mark beside it: only the first, since there is one mark. */
const NEVER_AROUND = new Set(['a', 'button', 'summary', 'select', 'label', 'legend', 'h1']);
const MARKED = new Set(['h2', 'h3', 'label', 'legend']);
const INLINE = new Set(['span', 'strong', 'em', 'b', 'i', 'a', 'small', 'br', 'label']);
const VOID = new Set(['br', 'img', 'input', 'hr', 'meta', 'link']);
const has = ({ attributes }: Element, name: string) => (attributes.class ?? '').split(' ').includes(name);

/** A line for each word that has no link anywhere, with the text in which it stands, and for each entry that has more than one. */
export function unlinkedTerms(html: string): string[] {
  const root = parsed(html);
  const links = linksIn(root);
  const twice = links.filter((href, index) => links.indexOf(href) !== index);
  const missing = namedTerms(root).flatMap(({ term, text }) =>
    links.includes(`${ENTRY}${entryOf(term)?.id}`) ? [] : [`${term}: ${text.trim().slice(0, 120)}`],
  );
  return [...new Set([...missing, ...twice.map((href) => `more than one link: ${href}`)])];
}

const ENTRY = '#/glossary/';

interface Named {
  readonly term: string;
  /** In which it stands. */
  readonly text: string;
}

/** The terms in texts where a link may stand; of a name that has a mark beside it, the first. */
function namedTerms(element: Element): Named[] {
  if (NO_LINKS.some(([, is]) => is(element))) return [];
  const named = (text: string, most?: number): Named[] =>
    termsIn(text)
      .slice(0, most)
      .map(({ term }) => ({ term, text }));
  if (MARKED.has(element.tag)) return named(textOf(element), 1);
  const own = INLINE.has(element.tag) ? [] : named(ownText(element));
  return [
    ...own,
    ...element.children.flatMap((child) => (typeof child === 'string' ? [] : namedTerms(child))),
  ];
}

/** Where links to entries lead. */
function linksIn({ tag, attributes, children }: Element): string[] {
  const own = tag === 'a' && attributes.href?.startsWith(ENTRY) ? [attributes.href] : [];
  return [...own, ...children.flatMap((child) => (typeof child === 'string' ? [] : linksIn(child)))];
}

/** Links in what is a control already, or in the name of a page: each by its text. */
export function nestedLinks(html: string): string[] {
  const found: string[] = [];
  const walk = (element: Element, inside: string): void => {
    const { tag, attributes, children } = element;
    if (tag === 'a' && inside !== '') found.push(`${inside}: ${textOf(element)}`);
    const isControl = NEVER_AROUND.has(tag) || ROLES.has(attributes.role ?? '');
    for (const child of children) if (typeof child !== 'string') walk(child, isControl ? tag : inside);
  };
  walk(parsed(html), '');
  return found;
}

/** The text of an element without that of blocks in it, and without what may have no link; a gap where something is left out. */
function ownText(element: Element): string {
  return element.children
    .map((child) => {
      if (typeof child === 'string') return child;
      const isPart = INLINE.has(child.tag) && !MARKED.has(child.tag) && !NO_LINKS.some(([, is]) => is(child));
      return isPart ? ownText(child) : ' \u2026 ';
    })
    .join('')
    .replace(/\s+/g, ' ');
}

/** All of its text that is seen. */
function textOf({ children }: Element): string {
  return children
    .map((child) =>
      typeof child === 'string' ? child : NOT_SEEN.some((name) => has(child, name)) ? '' : textOf(child),
    )
    .join('')
    .replace(/\s+/g, ' ');
}

function hasTag({ children }: Element, tag: string): boolean {
  return children.some((child) => typeof child !== 'string' && (child.tag === tag || hasTag(child, tag)));
}

const TAG = /<!--[\s\S]*?-->|<!doctype[^>]*>|<(\/?)([a-z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>|([^<]+)/gi;

/** The tree of well-formed HTML, as Svelte and browsers write it. */
function parsed(html: string): Element {
  const root: Element = { tag: 'body', attributes: {}, children: [], parent: null };
  let at = root;
  for (const [, closes, name, attributes = '', text] of html.matchAll(TAG)) {
    const tag = name?.toLowerCase();
    if (text !== undefined) at.children.push(decoded(text));
    else if (tag !== undefined && closes === '/') at = outOf(at, tag);
    else if (tag !== undefined) {
      const element: Element = { tag, attributes: attributesOf(attributes), children: [], parent: at };
      at.children.push(element);
      if (!VOID.has(tag) && !attributes.endsWith('/')) at = element;
    }
  }
  return root;
}

function outOf(element: Element, tag: string): Element {
  let place = element;
  while (place.parent && place.tag !== tag) place = place.parent;
  return place.parent ?? place;
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([^\s=/]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [
      name,
      decoded(value),
    ]),
  );
}

function decoded(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ', '#39': "'" };
  return text.replace(/&(#?\w+);/g, (whole, name: string) => names[name] ?? whole);
}
