/**
 * The template library's interpreter with a budget. The library evaluates every node of a template through one method, so
 * steps, texts and lists are counted there; the few operations whose result is a product of their operands are checked before.
 */
import * as library from '@huggingface/jinja';
import { methodOf, printed, runtimeValue, strip, type Value } from './python-values.ts';
import { LimitReached } from './too-much.ts';

/** A node of a parsed template, with the parts that tell which operation it is. */
interface Node {
  readonly type: string;
  readonly operator?: { readonly value: string };
  readonly filter?: { readonly value?: string; readonly callee?: { readonly value?: string } };
  readonly callee?: Node;
  readonly call?: { readonly callee?: Node };
  readonly object?: Node;
  /** A name after a dot, where an operation takes a member of an object. */
  readonly property?: { readonly type: string; readonly value?: unknown };
  readonly left?: Node;
  readonly right?: Node;
}

// The package's type files import each other without extensions, which TypeScript does not resolve for Node packages.
const { Interpreter } = library as unknown as {
  Interpreter: new (
    environment: library.Environment,
  ) => {
    run(program: library.Template['parsed']): Value;
    evaluate(node: Node | undefined, environment: library.Environment): Value;
    evaluateBlock(nodes: readonly Node[], environment: library.Environment): Value;
    evaluateBinaryExpression(node: Node, environment: library.Environment): Value;
    applyFilter(operand: Value, filter: NonNullable<Node['filter']>, environment: library.Environment): Value;
  };
};

/** What a list or a mapping holds, its parts' parts included. */
interface Size {
  readonly characters: number;
  readonly items: number;
  readonly depth: number;
}

// A conversation of 1,000 turns takes half a million steps in the templates of today's families.
const STEPS = 4_000_000;
const STEPS_PER_CHARACTER = 64;
const LONGEST = 2_000_000;
const LONGEST_PER_CHARACTER = 8;
const CHARACTERS_PER_STEP = 16;
const MAX_NESTING = 1000;
const MAX_DEPTH = 64;
const KEPT_ITEMS = 32;
const STEPS_PER_ITEM = 4;

/** Nodes that can make a list or a mapping larger than what went in; a filter or a slice only takes from one. */
const GROWING = new Set([
  'BinaryExpression',
  'ArrayLiteral',
  'TupleLiteral',
  'ObjectLiteral',
  'CallExpression',
  'CallStatement',
]);
/** Nodes that write nothing themselves, though the library gives them the value none. */
const STATEMENTS = new Set(['Set', 'Macro', 'Comment', 'Break', 'Continue']);
/** Filters that go through a list and all that is in it, and those that do not go through it; '' is none. */
const DEEP = new Set(['sort', 'dictsort', 'join', 'string', 'tojson', 'unique']);
const INSTANT = new Set(['', 'length', 'first', 'last', 'list', 'safe', 'default']);
const SORTS = new Set(['sort', 'dictsort']);
/** Filters that put an argument at each item or line. */
const PRODUCTS = new Set(['replace', 'join', 'indent', 'tojson', 'map']);

/** Runs a template; throws LimitReached where it asks for more than its characters and those of the conversation can justify. */
export class MeteredInterpreter extends Interpreter {
  readonly #longest: number;
  /** Of containers that take long to measure. */
  readonly #sizes = new WeakMap<object, Size>();
  /** Namespaces within containers: alone among values they can change. */
  readonly #held = new WeakSet<object>();
  /** The text that a method was taken from. */
  readonly #owners = new WeakMap<object, string>();
  /** A macro is searched for its special variables each time it is defined. */
  readonly #perMacro: number;
  #steps: number;
  #nesting = 0;
  /** The node whose operands are being evaluated, and its type. */
  #node: Node | null = null;
  #type = '';
  /** Its operands so far, where they matter. */
  #operands: Value[] | null = null;
  /** What the innermost member expression takes a member of. */
  #object: Value | null = null;

  constructor(environment: library.Environment, source: number, conversation: number) {
    super(environment);
    const input = source + conversation;
    this.#perMacro = Math.ceil(source / 4);
    this.#steps = STEPS + STEPS_PER_CHARACTER * input;
    this.#longest = LONGEST + LONGEST_PER_CHARACTER * input;
  }

  // Called for every node: each property of a node or value is read once, since their classes are many.
  override evaluate(node: Node | undefined, environment: library.Environment): Value {
    if (node === undefined) return super.evaluate(node, environment);
    const { type } = node;
    const within = this.#type;
    // A name is looked up through all scopes around it.
    this.#spend(1 + (this.#nesting >> 4));
    const isLeaf = type === 'Identifier' || type === 'StringLiteral' || type === 'IntegerLiteral';
    const value = isLeaf ? super.evaluate(node, environment) : this.#evaluateWhole(node, type, environment);
    // The library gives nothing for the first item of an empty list.
    if (value === undefined) return value;
    const kind = value.type;
    if (kind === 'StringValue') this.#weighText((value.value as string).length);
    else if (within !== 'MemberExpression' && isContainer(kind)) this.#weighContainer(value, type);
    if (this.#operands !== null) this.#checkOperation(value, node, this.#operands);
    else if (within === 'MemberExpression' && node === this.#node?.object) this.#object = value;
    return value;
  }

  #evaluateWhole(node: Node, type: string, environment: library.Environment): Value {
    const outerNode = this.#node;
    const outerType = this.#type;
    const operands = this.#operands;
    const object = this.#object;
    if (++this.#nesting > MAX_NESTING) throw new LimitReached();
    if (type === 'Macro' || type === 'CallStatement') this.#spend(this.#perMacro);
    this.#node = node;
    this.#type = type;
    this.#operands = keepsOperands(node, type) ? [] : null;
    try {
      const value = super.evaluate(node, environment);
      return type === 'MemberExpression' ? this.#withOwner(node, value) : value;
    } finally {
      this.#nesting--;
      this.#node = outerNode;
      this.#type = outerType;
      this.#operands = operands;
      this.#object = object;
    }
  }

  #withOwner({ property }: Node, member: Value): Value {
    const object = this.#object;
    if (object?.type !== 'StringValue' || property?.type !== 'Identifier') return member;
    const text = object.value as string;
    const method = methodOf(text, property.value) ?? member;
    if (method.type === 'FunctionValue') this.#owners.set(method, text);
    return method;
  }

  override evaluateBlock(nodes: readonly Node[], environment: library.Environment): Value {
    let text = '';
    for (const node of nodes) {
      const value = this.evaluate(node, environment);
      if (value.type !== 'NullValue' || !STATEMENTS.has(node.type)) text += printed(value);
    }
    return runtimeValue(text);
  }

  override evaluateBinaryExpression(node: Node, environment: library.Environment): Value {
    if (node.operator?.value !== '~') return super.evaluateBinaryExpression(node, environment);
    const [left, right] = [this.evaluate(node.left, environment), this.evaluate(node.right, environment)];
    return runtimeValue(printed(left) + printed(right));
  }

  override applyFilter(
    operand: Value,
    filter: NonNullable<Node['filter']>,
    environment: library.Environment,
  ): Value {
    if (filter.value === 'string') return runtimeValue(printed(operand));
    const isTrimmed = operand.type === 'StringValue' && filter.value === 'trim';
    if (!isTrimmed) return super.applyFilter(operand, filter, environment);
    return runtimeValue(strip(operand.value as string, undefined, { left: true, right: true }));
  }

  #spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new LimitReached();
  }

  #atMost(characters: number): void {
    if (!(characters <= this.#longest)) throw new LimitReached();
  }

  #weighText(length: number): void {
    if (length < CHARACTERS_PER_STEP) return;
    this.#atMost(length);
    this.#spend(Math.floor(length / CHARACTERS_PER_STEP));
  }

  #weighContainer(value: Value, made: string): void {
    const within = this.#type;
    if (value.type === 'NamespaceValue') {
      // What it is in has been measured already.
      if (within === 'Set' && this.#held.has(value)) throw new LimitReached();
      if (within !== 'Set') this.#sizeOf(value);
    } else if (GROWING.has(made)) this.#sizeOf(value);
    const filter = within === 'FilterExpression' && this.#node !== null ? filterOf(this.#node) : '';
    if (within === 'BinaryExpression' || DEEP.has(filter)) {
      const { characters, items } = this.#sizeOf(value);
      this.#spend(
        STEPS_PER_ITEM * items + Math.floor(characters / (SORTS.has(filter) ? 1 : CHARACTERS_PER_STEP)),
      );
    } else if (
      within === 'For' ||
      within === 'CallExpression' ||
      within === 'CallStatement' ||
      !INSTANT.has(filter)
    ) {
      const { length, size = length } = value.value as { length: number; size?: number };
      this.#spend(STEPS_PER_ITEM * size);
    }
  }

  /** Adds to the operands of `#node` and checks, before they meet, what the operation would make of them. */
  #checkOperation(value: Value, node: Node, operands: Value[]): void {
    const parent = this.#node;
    if (parent === null) return;
    if (node === (parent.callee ?? parent.call?.callee)) {
      const text = this.#owners.get(value);
      if (text !== undefined) this.#checkReplaced(text, operands);
      return;
    }
    operands.push(value);
    if (operands.length === 1) return;
    this.#spend(operands.length);
    const name = filterOf(parent);
    if (this.#type === 'FilterStatement') {
      // Its text comes in pieces among its arguments, so each may meet each.
      const sum = operands.reduce((all, operand) => all + this.#widthOf(operand), 0);
      this.#atMost(PRODUCTS.has(name) ? sum * sum : sum);
    } else if (name === 'replace') {
      const [text, ...others] = operands;
      if (text?.type === 'StringValue') this.#checkReplaced(text.value as string, others);
    } else if (PRODUCTS.has(name)) {
      const { characters, items, depth } = this.#sizeOf(operands[0]);
      const added = operands.slice(1).reduce((sum, operand) => sum + this.#widthOf(operand), 0);
      this.#atMost(characters + items * depth * added);
    } else if (this.#type === 'BinaryExpression') {
      const [part, whole] = operands;
      if (part?.type === 'StringValue' && whole?.type === 'StringValue')
        this.#spendSearch(whole.value as string, part.value as string);
    }
  }

  /** Searching for a long text of few different characters compares nearly all of it at nearly every place. */
  #spendSearch(text: string, part: string): void {
    this.#spend(Math.floor((text.length * part.length) / 256));
  }

  /** For any method of a text: those that search it, put something in its place or cut it up cost the most. */
  #checkReplaced(text: string, operands: readonly Value[]): void {
    this.#spend(text.length);
    // `*list` gives the items as arguments.
    const [old, fresh] = operands.flatMap((operand) =>
      Array.isArray(operand.value) ? operand.value : [operand],
    );
    if (old?.type !== 'StringValue') return;
    const from = old.value as string;
    this.#spendSearch(text, from);
    if (fresh?.type !== 'StringValue') return;
    const to = fresh.value as string;
    if (text.length + (text.length + 1) * to.length <= this.#longest) return;
    let places = from === '' ? text.length + 1 : 0;
    for (let at = from === '' ? -1 : text.indexOf(from); at >= 0; at = text.indexOf(from, at + from.length))
      places++;
    this.#atMost(text.length + places * (to.length - from.length));
  }

  /** What an argument adds to every item or line: as many spaces as its number says, or its own text. */
  #widthOf(operand: Value): number {
    if (typeof operand.value === 'number') return Math.max(0, operand.value);
    const { characters } = this.#sizeOf(operand);
    if (!isContainer(operand.type)) return characters;
    // `*list` and `**mapping` give their items as arguments.
    const parts = [...(operand.value as Value[] | Map<string, Value>).values()];
    return parts.reduce((sum, part) => sum + this.#widthOf(part), characters);
  }

  #sizeOf(value: Value | undefined): Size {
    if (value !== undefined && isContainer(value.type)) return this.#sizes.get(value) ?? this.#measure(value);
    const characters = value?.type === 'StringValue' ? (value.value as string).length : 8;
    return { characters, items: characters + 1, depth: 1 };
  }

  #measure(container: Value): Size {
    let characters = 0;
    let items = 1;
    let depth = 0;
    const add = (part: Value, name: string | number) => {
      const size = this.#sizeOf(part);
      characters += size.characters + 8 + (typeof name === 'string' ? name.length : 0);
      items++;
      if (isContainer(part.type)) {
        items += size.items;
        depth = Math.max(depth, size.depth);
        if (part.type === 'NamespaceValue') this.#held.add(part);
      }
      this.#spend(1);
      this.#atMost(characters);
    };
    (container.value as Value[] | Map<string, Value>).forEach(add);
    if (++depth > MAX_DEPTH) throw new LimitReached();
    const size = { characters, items, depth };
    if (items >= KEPT_ITEMS && container.type !== 'NamespaceValue') this.#sizes.set(container, size);
    return size;
  }
}

function isContainer(type: string): boolean {
  return (
    type === 'ArrayValue' || type === 'TupleValue' || type === 'ObjectValue' || type === 'NamespaceValue'
  );
}

function keepsOperands(node: Node, type: string): boolean {
  if (type === 'BinaryExpression') return node.operator?.value === 'in' || node.operator?.value === 'not in';
  return (
    type === 'FilterExpression' ||
    type === 'CallExpression' ||
    type === 'FilterStatement' ||
    type === 'CallStatement'
  );
}

function filterOf({ filter }: Node): string {
  return filter?.value ?? filter?.callee?.value ?? '';
}
