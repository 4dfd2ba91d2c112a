/** Reading values as tools print them: with units, with a comma for a point, or with a word that says there is none. */

export const MEBIBYTE = 2 ** 20;

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  byte: 1,
  bytes: 1,
  kb: 2 ** 10,
  kib: 2 ** 10,
  mb: MEBIBYTE,
  mib: MEBIBYTE,
  gb: 2 ** 30,
  gib: 2 ** 30,
};

export type Json = { readonly [key: string]: unknown };

/** A number at the beginning of `value`, "55.0 W" or "55,0"; null for "[N/A]", "Not Supported" and the like. */
export function numberIn(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string') return null;
  const found = /^\s*(-?\d+(?:[.,]\d+)?)/.exec(value);
  return found ? Number(found[1]!.replace(',', '.')) : null;
}

/** Bytes of "24564 MiB" or {"value": 24560, "unit": "MB"}; these tools mean powers of 1,024 by MB and GB. Without a unit: `unit`. */
export function bytesIn(value: unknown, unit = 'b'): number | null {
  if (isObject(value)) return bytesIn(value.value, typeof value.unit === 'string' ? value.unit : unit);
  const amount = numberIn(value);
  if (amount === null || amount < 0) return null;
  const written = typeof value === 'string' ? (/^\s*[\d.,]+\s*([a-z]+)/i.exec(value)?.[1] ?? unit) : unit;
  const factor = UNITS[written.toLowerCase()];
  return factor === undefined ? null : Math.round(amount * factor);
}

/** A number that may be wrapped with its unit: 300, "300 W", {"value": 300, "unit": "W"}. */
export function amountIn(value: unknown): number | null {
  return numberIn(isObject(value) ? value.value : value);
}

/** A text with something in it; null for "", "N/A", "[Not Supported]" and what is no text. */
export function textIn(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.replaceAll('\u0000', '').trim();
  return text === '' || /^\[?(n\/a|not supported|unknown|none|unknown error)\]?$/i.test(text) ? null : text;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `value` as an object; an empty one where it is none. */
export function objectIn(value: unknown): Json {
  return isObject(value) ? value : {};
}

/** The objects in a list; a single object counts as a list of one. */
export function objectsIn(value: unknown): readonly Json[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

/** The JSON in a text that may have warnings before or after it. Throws SyntaxError where there is none. */
export function jsonIn(text: string): unknown {
  for (const start of text.matchAll(/^\s*[[{]/gm)) {
    const rest = text.slice(start.index).trim();
    for (const end of [rest.length, Math.max(rest.lastIndexOf('}'), rest.lastIndexOf(']')) + 1]) {
      try {
        return JSON.parse(rest.slice(0, end));
      } catch {
        // a bracket of a warning
      }
    }
  }
  throw new SyntaxError('There is no JSON in the text.');
}

/** A PCI address in its short form: "00000000:01:00.0" and "01:00.0" -> "0000:01:00.0"; null where it is none. */
export function pciAddress(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const found = /^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])$/i.exec(value.trim());
  if (!found) return null;
  const [, domain = '0000', bus, device, part] = found;
  return `${domain.slice(-4)}:${bus}:${device}.${part}`.toLowerCase();
}

/** A hexadecimal number, with or without 0x. */
export function hexIn(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const found = /^(?:0x)?([0-9a-f]+)$/i.exec(value.trim());
  return found ? Number.parseInt(found[1]!, 16) : null;
}
