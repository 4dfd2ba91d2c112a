/**
 * The part of Go's text/template that Fettle's Modelfiles use, to see what Ollama will make of a template: texts, fields,
 * `if`/`else if`/`else`, `range $i, $_ := .List`, and the functions eq, ne, or, not.
 */
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly expression: string }
  | { readonly kind: 'if'; readonly branches: readonly { when: string | null; body: readonly Node[] }[] }
  | { readonly kind: 'range'; readonly list: string; readonly body: readonly Node[] };

type Data = Readonly<Record<string, unknown>>;
interface Scope {
  readonly root: Data;
  readonly dot: Data;
  readonly index: number;
}

/** What the template makes of `data`. */
export function renderGo(template: string, data: Data): string {
  const tokens = [...template.matchAll(/\{\{\s*(.*?)\s*\}\}|((?:(?!\{\{)[\s\S])+)/g)].map(([, code, text]) =>
    code === undefined ? { text: text! } : { code },
  );
  let at = 0;
  const parse = (): Node[] => {
    const nodes: Node[] = [];
    for (; at < tokens.length; at++) {
      const { code, text } = tokens[at] as { code?: string; text?: string };
      if (code === undefined) nodes.push({ kind: 'text', text: text! });
      else if (/^(end|else)\b/.test(code)) return nodes;
      else if (code.startsWith('range ')) {
        const list = /^range \$i, \$_ := (\.\w+)$/.exec(code)![1]!;
        at++;
        nodes.push({ kind: 'range', list, body: parse() });
      } else if (code.startsWith('if ')) nodes.push(parseIf(code.slice(3)));
      else nodes.push({ kind: 'value', expression: code });
    }
    return nodes;
  };
  const parseIf = (first: string): Node => {
    const branches: { when: string | null; body: Node[] }[] = [];
    let when: string | null = first;
    for (;;) {
      at++;
      branches.push({ when, body: parse() });
      const code = (tokens[at] as { code: string }).code;
      if (code === 'end') return { kind: 'if', branches };
      when = code === 'else' ? null : code.replace(/^else if /, '');
    }
  };
  const nodes = parse();
  if (at < tokens.length) throw new Error(`an end too many in ${template}`);
  return run(nodes, { root: data, dot: data, index: -1 });
}

function run(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => runNode(node, scope)).join('');
}

function runNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text;
    case 'value':
      return String(evaluate(node.expression, scope));
    case 'if': {
      const branch = node.branches.find(({ when }) => when === null || Boolean(evaluate(when, scope)));
      return branch ? run(branch.body, scope) : '';
    }
    case 'range': {
      const list = evaluate(node.list, scope) as readonly Data[];
      return list.map((dot, index) => run(node.body, { ...scope, dot, index })).join('');
    }
  }
}

const FUNCTIONS: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  or: (...args) => args.find(Boolean) ?? args.at(-1),
  not: (a) => !a,
};

/** `eq .Role "user"`, `or (ne $i 1) (not $.System)`: a call of terms, or one term. */
function evaluate(expression: string, scope: Scope): unknown {
  const terms = expression.match(/\((?:[^()]|\([^()]*\))*\)|"[^"]*"|\S+/g)!;
  const [name, ...rest] = terms;
  const call = FUNCTIONS[name!];
  if (!call && rest.length > 0) throw new Error(`Go has no ${expression} here`);
  return call ? call(...rest.map((term) => termOf(term, scope))) : termOf(name!, scope);
}

function termOf(term: string, scope: Scope): unknown {
  if (term.startsWith('(')) return evaluate(term.slice(1, -1), scope);
  if (term.startsWith('"')) return term.slice(1, -1);
  if (term === '$i') return scope.index;
  if (/^\d+$/.test(term)) return Number(term);
  const field = /^(\$?)\.(\w+)$/.exec(term);
  if (!field) throw new Error(`Go does not read ${term} here`);
  return (field[1] === '$' ? scope.root : scope.dot)[field[2]!] ?? '';
}
