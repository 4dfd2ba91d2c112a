/**
 * How large a JSON schema may be that answers have to follow. A grammar is compiled while others wait, and each token of an answer is held
 * against everything that may come next: with 30,000 values a token took 15 s.
 */
import { Refusal } from './wire.ts';

/** Values that may come next. Five hundred cost a quarter of a second a token at worst. */
const MOST_WAYS = 500;
/** Objects and lists in a schema; compiling as many takes a tenth of a second. */
const MOST_PARTS = 5000;
/** Texts and numbers included. */
const MOST_VALUES = 50_000;

type Schema = Readonly<Record<string, unknown>>;

/** Throws a Refusal for a schema that would hold everybody up. */
export function checkSchema(schema: object): void {
  const parts = partsOf(schema);
  if (parts.length > MOST_PARTS) throw tooLarge('parts', parts.length, MOST_PARTS);
  const named = new Map<string, Schema>();
  for (const part of parts)
    for (const [name, one] of [...entries(part.$defs), ...entries(part.definitions)])
      if (isSchema(one)) named.set(name, one);
  const known = new Map<Schema, number>();
  const most = Math.max(...parts.map((part) => waysOf(part, named, known)));
  if (most > MOST_WAYS) throw tooLarge('choices in one place', most, MOST_WAYS);
}

function tooLarge(what: string, count: number, most: number): Refusal {
  const said = Number.isFinite(count) && count < 1e9 ? count.toLocaleString('en') : 'Far too many';
  return new Refusal(
    400,
    'schema_too_large',
    `The JSON schema has ${said} ${what}; at most ${most.toLocaleString('en')} can be followed. Use a plain string where there are many values.`,
  );
}

/** In how many ways what `schema` describes may begin; references followed, those to itself counted once. */
function waysOf(schema: Schema, named: ReadonlyMap<string, Schema>, known: Map<Schema, number>): number {
  const before = known.get(schema);
  if (before !== undefined) return before;
  known.set(schema, 1);
  const to = typeof schema.$ref === 'string' ? named.get(schema.$ref.split('/').at(-1)!) : undefined;
  const either = [...list(schema.oneOf), ...list(schema.anyOf), ...(to ? [to] : [])].filter(isSchema);
  const ways = either.reduce((sum, one) => sum + waysOf(one, named, known), list(schema.enum).length);
  known.set(schema, Math.max(1, ways));
  return known.get(schema)!;
}

/** Every object and list within `schema`, itself included. */
function partsOf(schema: object): Schema[] {
  const parts: Schema[] = [];
  let seen = 0;
  for (let level: unknown[] = [schema]; level.length > 0; ) {
    seen += level.length;
    if (seen > MOST_VALUES) throw tooLarge('values', seen, MOST_VALUES);
    const inside = level.filter((one): one is Schema => typeof one === 'object' && one !== null);
    for (const one of inside) parts.push(one);
    level = inside.flatMap((one) => Object.values(one));
  }
  return parts;
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const entries = (value: unknown): [string, unknown][] => (isSchema(value) ? Object.entries(value) : []);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
