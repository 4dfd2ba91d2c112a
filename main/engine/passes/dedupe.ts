/** Common-subexpression elimination: nodes with the same operation, attributes and operands become one. */
import {
  type Attrs,
  type AttrValue,
  type Graph,
  type Node,
  producer,
  scalarOf,
  type Value,
} from '../ir/graph.ts';
import { keep, rewrite } from './rewrite.ts';

/** A copy of `graph` in which no value is computed twice. Values with different consumers far apart then live longer. */
export function dedupe(graph: Graph): Graph {
  /** The nodes of the copy by the newest of their operands, which has few others; those without operands at 0. */
  const users: (Node[] | undefined)[] = [];
  const scalars = new Map<string, Value>();
  const canonical = (x: Value): Value => {
    const number = scalarOf(x);
    if (number === null) return x;
    const key = `${x.dtype}[${x.shape}]${Object.is(number, -0) ? '-0' : number}`;
    const known = scalars.get(key) ?? x;
    scalars.set(key, known);
    return known;
  };
  return rewrite(graph, (node, inputs, copy) => {
    const operands: Value[] = new Array(inputs.length);
    let place = 0;
    for (let i = 0; i < inputs.length; i++) {
      const x = canonical(inputs[i]!);
      operands[i] = x;
      if (x.id >= place) place = x.id + 1;
    }
    const like = users[place];
    if (like)
      for (let i = 0; i < like.length; i++) if (isSame(like[i]!, node, operands)) return like[i]!.output;
    const value = keep(node, operands, copy);
    const made = producer(value)!;
    if (like) like.push(made);
    else users[place] = [made];
    return value;
  });
}

function isSame(other: Node, { op, attrs }: Node, inputs: readonly Value[]): boolean {
  if (other.op !== op || other.inputs.length !== inputs.length) return false;
  for (let i = 0; i < inputs.length; i++) if (other.inputs[i] !== inputs[i]) return false;
  return sameAttrs(other.attrs, attrs);
}

function sameAttrs(a: Attrs, b: Attrs): boolean {
  if (a === b) return true;
  for (const name in a) if (!sameAttr(a[name]!, b[name])) return false;
  for (const name in b) if (!(name in a)) return false;
  return true;
}

function sameAttr(a: AttrValue, b: AttrValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
