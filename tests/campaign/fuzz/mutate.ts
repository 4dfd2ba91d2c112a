/** Changes that break files: bytes anywhere, numbers and words in text, values in JSON, parts of an archive. */
import { unzipSync, zipSync } from 'fflate';
import type { Kind, Seed } from './reader.ts';

type Random = () => number;

const below = (n: number, random: Random) => Math.floor(n * random());
const oneOf = <T>(list: readonly T[], random: Random): T => list[below(list.length, random)]!;

/** Most of a format's structure is in its head. */
const HEAD_BYTES = 4096;
const MOST_CHANGES = 4;

/** A broken copy of `seed`; the bytes of another one of `all` may be mixed in. */
export function mutated(seed: Seed, all: readonly Seed[], random: Random): Uint8Array {
  let { bytes } = seed;
  for (let i = 0; i <= below(MOST_CHANGES, random); i++) bytes = changed(bytes, seed.kind, all, random);
  return bytes;
}

function changed(bytes: Uint8Array, kind: Kind, all: readonly Seed[], random: Random): Uint8Array {
  const structural = random() < 0.6;
  try {
    if (structural && kind === 'json')
      return encoded(JSON.stringify(withOther(JSON.parse(textOf(bytes)), random)));
    if (structural && kind === 'jsonl') return changedLine(bytes, random);
    if (structural && kind === 'safetensors') return changedHeader(bytes, random);
    if (structural && kind === 'zip') return changedPart(bytes, random);
  } catch {
    // broken already: bytes it is
  }
  const isText = kind === 'text' || kind === 'json' || kind === 'jsonl';
  return isText && structural ? changedText(bytes, random) : changedBytes(bytes, all, random);
}

const encoded = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Numbers at the borders of what types hold, and some that no count is. */
const NUMBERS = [
  ...[
    0,
    -0,
    1,
    -1,
    2,
    7,
    31,
    32,
    127,
    128,
    255,
    256,
    65535,
    65536,
    1e6,
    2 ** 24,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
  ],
  ...[2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 1e308, 5e-324, 0.5, -0.5, 1e-9, 1e100, -(2 ** 31), -1e308],
];
const WORDS = [
  '',
  ' ',
  'null',
  'true',
  '__proto__',
  'constructor',
  'length',
  '../../etc/passwd',
  '\0',
  '\u202e',
  '\ud800',
  'é',
  '{{',
  '%s',
];

function value(random: Random): unknown {
  switch (below(8, random)) {
    case 0:
      return oneOf([null, true, false, [], {}, [null], [[]], { a: 1 }], random);
    case 1:
      return oneOf(WORDS, random);
    case 2:
      return oneOf(['a', ' ', '\n', '(', '{{', '0'], random).repeat(oneOf([10, 1000, 100_000], random));
    case 3:
      return deep(oneOf([10, 500, 5000], random), random() < 0.5);
    case 4:
      return Array.from({ length: oneOf([1, 3, 1000], random) }, () => oneOf(NUMBERS, random));
    default:
      return oneOf(NUMBERS, random);
  }
}

function deep(depth: number, isList: boolean): unknown {
  let inner: unknown = 1;
  for (let i = 0; i < depth; i++) inner = isList ? [inner] : { a: inner };
  return inner;
}

type Place = readonly [holder: Record<string, unknown>, key: string];

/** `json` with one value replaced, removed, moved, doubled, or put under another name. */
function withOther(json: unknown, random: Random): unknown {
  const places = placesIn(json);
  if (places.length === 0 || random() < 0.01) return value(random);
  const [holder, key] = oneOf(places, random);
  const [otherHolder, otherKey] = oneOf(places, random);
  switch (below(8, random)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      break;
    case 1:
      holder[key] = structuredClone(otherHolder[otherKey]);
      break;
    case 2:
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
      else holder[oneOf(WORDS, random)] = holder[key];
      break;
    case 3:
      holder[key] = typeof holder[key] === 'number' ? oneOf(NUMBERS, random) : value(random);
      break;
    case 4:
      if (typeof holder[key] === 'string') holder[key] = broken(holder[key], random);
      else holder[key] = value(random);
      break;
    default:
      holder[key] = value(random);
  }
  return json;
}

/** Where values are; a long list is looked into at some places only, so that its names aren't all that changes. */
function placesIn(json: unknown, most = 5000): Place[] {
  const places: Place[] = [];
  const waiting: unknown[] = [json];
  while (waiting.length > 0 && places.length < most) {
    const holder = waiting.shift();
    if (typeof holder !== 'object' || holder === null) continue;
    const keys = Object.keys(holder);
    const stride = Math.max(1, Math.floor(keys.length / 40));
    for (const key of keys.filter((_, i) => i % stride === 0 || i > keys.length - 4)) {
      places.push([holder as Record<string, unknown>, key]);
      waiting.push((holder as Record<string, unknown>)[key]);
    }
  }
  return places;
}

function broken(text: string, random: Random): string {
  const at = below(text.length + 1, random);
  const other = oneOf([...WORDS, '(', '[', '(a+)+$', '\\', '|', '*', '{1000000}', '%}', '}}'], random);
  return random() < 0.5
    ? text.slice(0, at) + other + text.slice(at)
    : text.slice(0, at) + text.slice(at + 1 + below(8, random));
}

function changedText(bytes: Uint8Array, random: Random): Uint8Array {
  const text = textOf(bytes);
  const numbers = [...text.matchAll(/-?\d+(\.\d+)?/g)];
  if (numbers.length > 0 && random() < 0.3) {
    const { index, 0: found } = oneOf(numbers, random);
    return encoded(text.slice(0, index) + String(oneOf(NUMBERS, random)) + text.slice(index + found.length));
  }
  if (random() < 0.1)
    return encoded(
      text +
        oneOf(['[', '{"a":', '(', '"', '{% for a in b %}', '{{ '], random).repeat(
          oneOf([1, 100, 20_000], random),
        ),
    );
  return encoded(broken(text, random));
}

function changedLine(bytes: Uint8Array, random: Random): Uint8Array {
  const lines = textOf(bytes).split('\n');
  const at = below(lines.length, random);
  lines[at] = JSON.stringify(withOther(JSON.parse(lines[at]!), random));
  return encoded(lines.join('\n'));
}

/** The JSON in the head of a safetensors file, with its length set right. */
function changedHeader(bytes: Uint8Array, random: Random): Uint8Array {
  const buffer = Buffer.from(bytes);
  const end = 8 + Number(buffer.readBigUInt64LE(0));
  const header = Buffer.from(JSON.stringify(withOther(JSON.parse(buffer.toString('utf8', 8, end)), random)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, buffer.subarray(end)]);
}

const MOST_UNPACKED = 10e6;

/** What an earlier change made too large to pack again is left to changes of bytes. */
function isSmall({ originalSize }: { readonly originalSize: number }): boolean {
  if (originalSize > MOST_UNPACKED) throw new Error('too large');
  return true;
}

/** One file in an archive, packed again so that its checksum is right. */
function changedPart(bytes: Uint8Array, random: Random): Uint8Array {
  const parts = unzipSync(bytes, { filter: isSmall });
  const name = oneOf(Object.keys(parts), random);
  const part = parts[name]!;
  parts[name] = Uint8Array.from(random() < 0.8 ? changedText(part, random) : changedBytes(part, [], random));
  return zipSync(parts, { level: random() < 0.5 ? 0 : 6 });
}

function changedBytes(bytes: Uint8Array, all: readonly Seed[], random: Random): Uint8Array {
  if (bytes.length === 0) return Uint8Array.of(below(256, random));
  const copy = Buffer.from(bytes);
  const at = below(random() < 0.7 ? Math.min(HEAD_BYTES, copy.length) : copy.length, random);
  const span = Math.min(1 + below(64, random), copy.length - at);
  switch (below(9, random)) {
    case 0:
      copy[at]! ^= 1 << below(8, random);
      return copy;
    case 1:
      copy[at] = oneOf([0, 1, 0x7f, 0x80, 0xff, below(256, random)], random);
      return copy;
    case 2:
      if (at + 4 <= copy.length) copy.writeUInt32LE(Number(BigInt.asUintN(32, whole(random))), at);
      return copy;
    case 3:
      if (at + 8 <= copy.length) copy.writeBigUInt64LE(BigInt.asUintN(64, whole(random)), at);
      return copy;
    case 4:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + span)]);
    case 5:
      return Buffer.concat([copy.subarray(0, at + span), copy.subarray(at)]);
    case 6:
      return copy.subarray(0, at);
    case 7: {
      const other = all.length > 0 ? oneOf(all, random).bytes : copy;
      return Buffer.concat([copy.subarray(0, at), other.subarray(below(other.length, random))]);
    }
    default:
      for (let i = at; i < at + span; i++) copy[i] = below(256, random);
      return copy;
  }
}

function whole(random: Random): bigint {
  const number = oneOf(
    NUMBERS.filter((one) => Number.isInteger(one) && Math.abs(one) < 2 ** 64),
    random,
  );
  return BigInt(number);
}
