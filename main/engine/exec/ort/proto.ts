/** The few parts of the protobuf wire format that an ONNX file needs: varints, fixed floats, length-delimited fields. */

/** A message under construction; nested messages are written by calling `message` with their builder. */
export class ProtoWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  /** A whole number (int32, int64, enum, bool); negative ones take ten bytes, as protobuf has it. */
  int(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    const big = BigInt(value);
    if (big >= 0n && big <= 0x7fffffffn) this.#varint(Number(big));
    else this.#bigVarint(BigInt.asUintN(64, big));
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#raw(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#raw(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, build: (nested: ProtoWriter) => void): this {
    const nested = new ProtoWriter();
    build(nested);
    return this.bytes(field, nested.finish());
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #varint(value: number): void {
    let rest = value;
    this.#reserve(5);
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #bigVarint(value: bigint): void {
    let rest = value;
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
