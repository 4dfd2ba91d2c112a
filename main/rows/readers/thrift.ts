/**
 * Thrift's compact form, in which Parquet keeps its footer and the headers of its pages, looked at before the library reads it: that makes
 * room for lists of any length that a file states.
 */
import type { DataReader } from 'hyparquet';

/** Types of Thrift's compact form. */
const [STOP, TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, STRUCT] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12,
];
const DOUBLE_BYTES = 8;
/** A number of 64 bits in pieces of seven. */
const MOST_NUMBER_BYTES = 10;
/** Lists and records within each other: a footer has some ten. */
const MOST_NESTED = 32;

/** Walks over the record at the reader's place. Throws where a list or a text is longer than what is left, or a number has no end. */
export function checkThrift({ view, offset }: DataReader): void {
  let at = offset;
  const byte = () => view.getUint8(at++);
  const number = () => {
    let value = 0;
    for (let i = 0; i < MOST_NUMBER_BYTES; i++) {
      const next = byte();
      value += (next & 0x7f) * 2 ** (7 * i);
      if (next < 0x80) return value;
    }
    throw new Error('a number has no end');
  };
  const skip = (bytes: number) => {
    at += bytes;
    if (at > view.byteLength) throw new Error('a value ends beyond its record');
  };
  const list = (depth: number) => {
    const head = byte();
    const length = head >> 4 === 15 ? number() : head >> 4;
    if (length > view.byteLength - at) throw new Error('a list is longer than its record');
    const kind = head & 15;
    for (let i = 0; i < length; i++) value(kind === TRUE || kind === FALSE ? BYTE : kind, depth);
  };
  const struct = (depth: number) => {
    for (let head = byte(); (head & 15) !== STOP; head = byte()) {
      if (head >> 4 === 0) number();
      value(head & 15, depth);
    }
  };
  function value(kind: number, depth: number): void {
    if (depth > MOST_NESTED) throw new Error('records lie too deep in each other');
    if (kind === BYTE) skip(1);
    else if (kind === I16 || kind === I32 || kind === I64) number();
    else if (kind === DOUBLE) skip(DOUBLE_BYTES);
    else if (kind === BINARY) skip(number());
    else if (kind === LIST) list(depth + 1);
    else if (kind === STRUCT) struct(depth + 1);
    else if (kind !== TRUE && kind !== FALSE) throw new Error('a value of an unknown kind');
  }
  struct(0);
}
