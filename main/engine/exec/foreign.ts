/** ONNX files that other programs open, of any number and length of texts: what such a file is made of, and what opens it again. */

/** The sizes that its graph is built for: two primes, so that each dimension tells which of them it is made of. No model has a multiple. */
export const OPEN = { batch: 503, time: 509 } as const;

export interface PortableOptions {
  /** What each weight of the graph holds. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Names of those that are rounded to 8 bits. */
  readonly rounded: ReadonlySet<string>;
  /** Whether the file takes `token_type_ids`, which tell the second of two texts. */
  readonly hasTypes?: boolean;
  /** The names of the values that are the graph's inputs, made of those of the file. */
  inputs(given: PortableInputs): Readonly<Record<string, string>>;
}

/** Values of the file by their names, and nodes that make others of them. */
export interface PortableInputs {
  node(type: string, inputs: readonly string[], attrs?: Readonly<Record<string, number>>): string;
  cast(name: string, to: 'i32' | 'f32'): string;
  i64(values: readonly number[]): string;
  i32(value: number, shape: readonly number[]): string;
  f32(value: number): string;
  /** `input_ids` and `attention_mask`, int32 [batch, time]. */
  readonly ids: string;
  readonly mask: string;
  /** `token_type_ids`, where the file takes them. */
  readonly types: string | null;
  /** Lists of one int64. */
  readonly batch: string;
  readonly time: string;
}

export interface ForeignModel {
  /** The outputs of token ids, a row each, filled up at its end; `second`: where the second text of each begins, if the file takes types. */
  run(
    ids: readonly (readonly number[])[],
    second?: readonly number[],
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}
