/** Parquet files for tests, sound and hostile, written by hand: no writer makes the hostile ones. */

type Field = readonly [id: number, bytes: readonly number[], kind: number];

/** A number as Thrift's compact form has it: seven bits a byte. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

const zigzag = (value: number) => varint(value < 0 ? -2 * value - 1 : 2 * value);
export const i32 = (id: number, value: number): Field => [id, zigzag(value), 5];
const i64 = (id: number, value: number): Field => [id, zigzag(value), 6];
const text = (value: string) => [...varint(value.length), ...Buffer.from(value, 'latin1')];
const binary = (id: number, value: string): Field => [id, text(value), 8];
const record = (id: number, fields: readonly Field[]): Field => [id, struct(fields), 12];
const list = (id: number, kind: number, items: readonly (readonly number[])[]): Field => [
  id,
  [0xf0 | kind, ...varint(items.length), ...items.flat()],
  9,
];

function struct(fields: readonly Field[]): number[] {
  let last = 0;
  const bytes = fields.flatMap(([id, value, kind]) => {
    const head = ((id - last) << 4) | kind;
    last = id;
    return [head, ...value];
  });
  return [...bytes, 0];
}

/** An element of the schema. */
export interface Element {
  readonly name: string;
  readonly below?: number;
  readonly type?: number;
}

const TEXT = 6;
const DELTA_BYTE_ARRAY = 7;
const PLAIN = 0;

/** A data page of required texts with its header. */
function page(values: number, content: Uint8Array, encoding: number): Buffer {
  const header = struct([
    i32(1, 0),
    i32(2, content.length),
    i32(3, content.length),
    record(5, [i32(1, values), i32(2, encoding), i32(3, 3), i32(4, 3)]),
  ]);
  return Buffer.concat([Buffer.from(header), content]);
}

/** A file of one row group, whose columns of texts have these pages, and a schema that may say something else. */
function file(
  rows: number,
  columns: readonly { readonly name: string; readonly page: Buffer }[],
  schema: readonly Element[],
): Buffer {
  let at = 4;
  const chunks = columns.map(({ name, page: { length } }) => {
    const chunk = struct([
      i64(2, at),
      record(3, [
        i32(1, TEXT),
        list(2, 5, [zigzag(PLAIN)]),
        list(3, 8, [text(name)]),
        i32(4, 0),
        i64(5, rows),
        i64(6, length),
        i64(7, length),
        i64(9, at),
      ]),
    ]);
    at += length;
    return chunk;
  });
  const group = struct([list(1, 12, chunks), i64(2, at - 4), i64(3, rows)]);
  const elements = schema.map(({ name, below, type }) =>
    struct([
      ...(type === undefined ? [] : [i32(1, type), i32(3, 0)]),
      binary(4, name),
      ...(below === undefined ? [] : [i32(5, below)]),
      ...(type === undefined ? [] : [i32(6, 0)]),
    ]),
  );
  const footer = Buffer.from(struct([i32(1, 1), list(2, 12, elements), i64(3, rows), list(4, 12, [group])]));
  return withFooter(Buffer.concat(columns.map(({ page: bytes }) => bytes)), footer);
}

/** A file of `pages` and `footer`, whatever they hold. */
export function withFooter(pages: Buffer, footer: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), pages, footer, length, Buffer.from('PAR1')]);
}

/** A table of texts; `schema` changes what the footer says of its columns. */
export function parquet(
  table: Readonly<Record<string, readonly string[]>>,
  schema: (elements: Element[]) => Element[] = (elements) => elements,
): Buffer {
  const columns = Object.entries(table).map(([name, values]) => {
    const content = Buffer.concat(
      values.map((value) => {
        const bytes = Buffer.alloc(4 + Buffer.byteLength(value));
        bytes.writeUInt32LE(bytes.length - 4);
        bytes.write(value, 4);
        return bytes;
      }),
    );
    return { name, page: page(values.length, content, PLAIN) };
  });
  const names = Object.keys(table);
  const elements = [{ name: 'schema', below: names.length }, ...names.map((name) => ({ name, type: TEXT }))];
  return file(Object.values(table)[0]?.length ?? 0, columns, schema(elements));
}

/** Texts of which each is the one before and a letter: `count` bytes hold the square of it. */
export function growingParquet(count: number): Buffer {
  // one block, all of whose differences are the same: 1 for what a text shares with the one before, 0 for what it adds
  const lengths = (first: number, step: number) => [
    ...varint(128 * Math.ceil(count / 128)),
    ...varint(1),
    ...varint(count),
    ...zigzag(first),
    ...zigzag(step),
    0,
  ];
  const content = Buffer.concat([
    Buffer.from([...lengths(0, 1), ...lengths(1, 0)]),
    Buffer.alloc(count, 'x'),
  ]);
  const columns = ['prompt', 'completion'].map((name) => ({
    name,
    page: page(count, content, DELTA_BYTE_ARRAY),
  }));
  const elements = [{ name: 'schema', below: 2 }, ...columns.map(({ name }) => ({ name, type: TEXT }))];
  return file(count, columns, elements);
}
