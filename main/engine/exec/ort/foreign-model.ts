/** An ONNX file as other programs open it: from its path, and with onnxruntime's own optimizations. */
import * as ort from 'onnxruntime-node';
import type { ForeignModel } from '../foreign.ts';

export async function openForeignModel(file: string, threads: number): Promise<ForeignModel> {
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
  });
  return {
    async run(ids, second) {
      const longest = Math.max(...ids.map(({ length }) => length));
      const shape = [ids.length, longest];
      const cells = (value: (row: readonly number[], place: number, text: number) => number) =>
        new ort.Tensor(
          'int64',
          BigInt64Array.from(
            ids.flatMap((row, text) =>
              Array.from({ length: longest }, (_, i) => BigInt(value(row, i, text))),
            ),
          ),
          shape,
        );
      const found = await session.run({
        input_ids: cells((row, i) => row[i] ?? 0),
        attention_mask: cells((row, i) => (i < row.length ? 1 : 0)),
        ...(second && {
          token_type_ids: cells((row, i, text) => (i < row.length && i >= second[text]! ? 1 : 0)),
        }),
      });
      return Object.fromEntries(
        Object.entries(found).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    close: () => session.release(),
  };
}
