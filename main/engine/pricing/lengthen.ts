/**
 * The graph of a deeper copy of a model from that of a shallow one, whose inner layers are written twice, so
 * that the second copy is neither built nor optimised. A test compares it with the real one.
 */
import { Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { isBackward, layerOf, withLayer } from '../passes/layer-scopes.ts';
import { keep } from '../passes/rewrite.ts';

/** Scopes of sums of gradients, which lie in no layer but belong to what they add up. */
const SUMS: ReadonlySet<string> = new Set(['', 'accumulate']);
const NONE = -1;

/**
 * `graph`, a simplified step with `period` layers between its first and its last, with those once more; null
 * where it is not built of layers as expected.
 */
export function lengthened(graph: Graph, period: number): Graph | null {
  return new Lengthening(graph, period).graph();
}

/** Things of a step with `period` inner layers, by their names, for one with twice as many. */
export function repeated<Named extends { readonly name: string }>(
  things: readonly Named[],
  period: number,
): readonly Named[] {
  return things.flatMap((one) => {
    const layer = layerOf(one.name);
    return layer !== null && layer >= 1 && layer <= period ? [one, one] : [one];
  });
}

/** Of a block of nodes that is written twice, which copy it is. */
type CopyNumber = 0 | 1;

class Lengthening {
  readonly #from: Graph;
  readonly #period: number;
  readonly #last: number;
  readonly #copy = new Graph();
  /** By the ids of values: the layers of their nodes, and what they have become in either copy. */
  readonly #layers: Int32Array;
  readonly #made: readonly [(Value | undefined)[], (Value | undefined)[]];
  readonly #scopes = new Map<string, string>();
  readonly #kinds = new Map<string, string>();
  /** Nodes of each kind by layer, in their order, once they have been asked for. */
  #twins: Map<string, Node[]>[] | null = null;
  #isUnderstood = true;

  constructor(graph: Graph, period: number) {
    this.#from = graph;
    this.#period = period;
    this.#last = period + 1;
    this.#layers = new Int32Array(graph.idCount).fill(NONE);
    this.#made = [new Array(graph.idCount).fill(undefined), new Array(graph.idCount).fill(undefined)];
  }

  graph(): Graph | null {
    const { nodes } = this.#from;
    this.#assignLayers();
    this.#copyInputs();
    // blocks of inner layers are written twice: in the backward pass, the later copy first
    for (let i = 0; i < nodes.length && this.#isUnderstood; ) {
      const end = this.#blockEnd(i);
      if (end === i) this.#write(nodes[i++]!, 0);
      else {
        const copies: readonly CopyNumber[] = this.#isBackward(i, end) ? [1, 0] : [0, 1];
        for (const copy of copies) for (let at = i; at < end; at++) this.#write(nodes[at]!, copy);
        i = end;
      }
    }
    if (this.#isUnderstood) this.#writeOutputs();
    return this.#isUnderstood ? this.#copy : null;
  }

  #assignLayers(): void {
    const known = new Map<string, number>();
    const ofText = (text: string): number => {
      const found = known.get(text) ?? layerOf(text) ?? NONE;
      known.set(text, found);
      return found;
    };
    for (const { scope, inputs, output } of this.#from.nodes)
      this.#layers[output.id] = SUMS.has(scope) ? this.#layerOfOperands(inputs) : ofText(scope);
  }

  /** The layer of the newest operand that lies in one. */
  #layerOfOperands(inputs: readonly Value[]): number {
    let [newest, layer] = [-1, NONE];
    for (const { id } of inputs)
      if (id > newest && this.#layers[id] !== NONE) [newest, layer] = [id, this.#layers[id]!];
    return layer;
  }

  #layerAt(i: number): number {
    const node = this.#from.nodes[i];
    return node ? this.#layers[node.output.id]! : NONE;
  }

  #isInner(layer: number): boolean {
    return layer >= 1 && layer <= this.#period;
  }

  /** Where the block of inner layers ends that begins at node `start`; `start` itself where there is none. */
  #blockEnd(start: number): number {
    let end = start;
    while (this.#isInner(this.#layerAt(end))) end++;
    return end;
  }

  /** Whether the layers of a block fall in order; all must be there, between the first and the last. */
  #isBackward(start: number, end: number): boolean {
    const backward = this.#layerAt(start - 1) === this.#last;
    const [before, after] = backward ? [this.#last, 0] : [0, this.#last];
    const step = backward ? -1 : 1;
    let layer = before + step;
    for (let i = start; i < end; i++) {
      const { scope } = this.#from.nodes[i]!;
      if (!SUMS.has(scope) && isBackward(scope) !== backward) this.#isUnderstood = false;
      if (this.#layerAt(i) === layer + step) layer += step;
      if (this.#layerAt(i) !== layer) this.#isUnderstood = false;
    }
    if (layer + step !== after || this.#layerAt(start - 1) !== before || this.#layerAt(end) !== after)
      this.#isUnderstood = false;
    return backward;
  }

  #copyInputs(): void {
    for (const [name, { id, dtype, shape }] of this.#from.inputs) {
      this.#made[0][id] = this.#copy.input(this.#named(name, 0), dtype, shape);
      const layer = layerOf(name);
      if (layer !== null && this.#isInner(layer))
        this.#made[1][id] = this.#copy.input(this.#named(name, 1), dtype, shape);
    }
  }

  /** A name or a scope as it is in a copy: the last layer has another number, too. */
  #named(text: string, copy: CopyNumber): string {
    const key = copy === 0 ? text : `${text} `;
    const known = this.#scopes.get(key);
    if (known !== undefined) return known;
    const layer = layerOf(text);
    const named = layer === null ? text : withLayer(text, this.#newLayer(layer, copy));
    this.#scopes.set(key, named);
    return named;
  }

  #newLayer(layer: number, copy: CopyNumber): number {
    return layer === this.#last || (copy === 1 && this.#isInner(layer)) ? layer + this.#period : layer;
  }

  #write(node: Node, copy: CopyNumber): void {
    const inputs: Value[] = [];
    for (let slot = 0; slot < node.inputs.length; slot++) {
      const operand = this.#operand(node, slot, copy);
      if (!operand) {
        this.#isUnderstood = false;
        return;
      }
      inputs.push(operand);
    }
    const scope = this.#named(node.scope, copy);
    this.#made[copy][node.output.id] = this.#copy.scoped(scope, () => keep(node, inputs, this.#copy));
  }

  #operand(node: Node, slot: number, copy: CopyNumber): Value | undefined {
    const x = node.inputs[slot]!;
    const [own, other] = [this.#layers[node.output.id]!, this.#layers[x.id]!];
    if (x.source.kind !== 'node') return this.#leaf(x, copy);
    if (other === NONE) return this.#made[0][x.id];
    if (other === own) return this.#made[copy][x.id];
    // from outside of all layers only what the first and the last one give is read
    if (own === NONE || this.#isShared(node, slot))
      return this.#isInner(other) ? undefined : this.#made[0][x.id];
    const step = other - own;
    if (step !== 1 && step !== -1) return undefined;
    const layer = this.#newLayer(own, copy) + step;
    const [wanted, ofCopy] = this.#origin(layer);
    const like = wanted === other ? x : this.#twinOf(node, wanted - step)?.inputs[slot];
    if (!like || this.#layers[like.id] !== wanted) return undefined;
    return this.#made[ofCopy][like.id];
  }

  /** Of a layer of the longer graph the one that it is made of, and which copy it is. */
  #origin(layer: number): readonly [layer: number, copy: CopyNumber] {
    if (layer <= this.#period) return [layer, 0];
    if (layer <= 2 * this.#period) return [layer - this.#period, 1];
    return [layer - this.#period, 0];
  }

  #leaf(x: Value, copy: CopyNumber): Value | undefined {
    const { source } = x;
    const layer = source.kind === 'weight' || source.kind === 'input' ? layerOf(source.name) : null;
    const of = layer !== null && this.#isInner(layer) ? copy : 0;
    const known = this.#made[of][x.id];
    if (known) return known;
    const made =
      source.kind === 'weight'
        ? this.#copy.weight(this.#named(source.name, of), x.shape, x.dtype)
        : source.kind === 'constant'
          ? this.#copy.constant(x.dtype, x.shape, source.data)
          : undefined;
    this.#made[of][x.id] = made;
    return made;
  }

  /** Whether an operand from another layer is the same for all of them, such as a part of the mask. */
  #isShared(node: Node, slot: number): boolean {
    const x = node.inputs[slot]!;
    const own = this.#layers[node.output.id]!;
    if (Math.abs(this.#layers[x.id]! - own) > 1) return true;
    for (let layer = 0; layer <= this.#last; layer++)
      if (layer !== own && this.#twinOf(node, layer)?.inputs[slot] === x) return true;
    return false;
  }

  #twinOf(node: Node, layer: number): Node | undefined {
    this.#twins ??= this.#nodesByKind();
    const kind = this.#kindOf(node);
    const own = this.#twins[this.#layers[node.output.id]!]!.get(kind)!;
    return this.#twins[layer]?.get(kind)?.[own.indexOf(node)];
  }

  #nodesByKind(): Map<string, Node[]>[] {
    const found = Array.from({ length: this.#last + 1 }, () => new Map<string, Node[]>());
    for (const node of this.#from.nodes) {
      const ofLayer = found[this.#layers[node.output.id]!];
      if (!ofLayer) continue;
      const kind = this.#kindOf(node);
      const like = ofLayer.get(kind);
      if (like) like.push(node);
      else ofLayer.set(kind, [node]);
    }
    return found;
  }

  /** The operation, and the place within a layer. */
  #kindOf({ op, scope }: Node): string {
    let place = this.#kinds.get(scope);
    if (place === undefined) {
      place = layerOf(scope) === null ? scope : withLayer(scope, 0);
      this.#kinds.set(scope, place);
    }
    return `${op} ${place}`;
  }

  /** As they are declared: those of the last layers first. */
  #writeOutputs(): void {
    const outputs = [...this.#from.outputs];
    const isInner = ([name]: (typeof outputs)[number]) => this.#isInner(layerOf(name) ?? NONE);
    const write = ([name, value]: (typeof outputs)[number], copy: CopyNumber) => {
      const made = this.#valueOf(value, copy);
      if (made) this.#copy.output(this.#named(name, copy), made);
      else this.#isUnderstood = false;
    };
    for (let i = 0; i < outputs.length; ) {
      const start = i;
      while (i < outputs.length && isInner(outputs[i]!)) i++;
      for (const copy of [1, 0] as const) for (const one of outputs.slice(start, i)) write(one, copy);
      if (i === start) write(outputs[i++]!, 0);
    }
  }

  #valueOf(value: Value, copy: CopyNumber): Value | undefined {
    const layer = producer(value) ? this.#layers[value.id]! : NONE;
    return producer(value) ? this.#made[this.#isInner(layer) ? copy : 0][value.id] : this.#leaf(value, copy);
  }
}
