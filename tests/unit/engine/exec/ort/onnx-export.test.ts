/** A model file for onnxruntime is small however large the weights are: they stay in their own file. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NATIVE_FUSED } from '../../../../../main/engine/exec/onnx/lower.ts';
import { exportOnnx } from '../../../../../main/engine/exec/onnx/onnx-export.ts';
import { openExecutor } from '../../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { gather, matmul } from '../../../../../main/engine/ops/functions.ts';
import { optimise } from '../../../../../main/engine/passes/index.ts';
import { peakResidentBytes } from '../../../../../main/processes.ts';
import { temporaryFolder } from '../../io/fixtures.ts';

const [ROWS, WIDTH] = [1 << 20, 256];
const BYTES = 4 * ROWS * WIDTH;

/** A gigabyte of zeros that takes no space on the disk. */
async function sparseFile(): Promise<string> {
  const file = path.join(temporaryFolder(), 'weights.bin');
  await fs.writeFile(file, '');
  await fs.truncate(file, BYTES + 64);
  const handle = await fs.open(file, 'r+');
  await handle.write(new Uint8Array(Float32Array.of(7).buffer), 0, 4, 64 + 4 * 5 * WIDTH);
  await handle.close();
  return file;
}

function lookUp(): Graph {
  const graph = new Graph();
  const rows = gather(graph.weight('table', [ROWS, WIDTH]), graph.input('ids', 'i32', [2]));
  graph.output('y', matmul(rows, graph.weight('square', [WIDTH, WIDTH]), { transB: true }));
  return graph;
}

describe('the ONNX export', () => {
  it('holds no weights', async () => {
    const file = await sparseFile();
    const before = process.memoryUsage().arrayBuffers;
    const { bytes, fedWeights } = exportOnnx(
      optimise(lookUp(), NATIVE_FUSED),
      (name) => ({ kind: 'file', file, offset: 64, bytes: name === 'table' ? BYTES : 4 * WIDTH * WIDTH }),
      () => 'weights.bin',
    );
    expect(bytes.length).toBeLessThan(4096);
    expect(fedWeights.size).toBe(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('lets onnxruntime read a gigabyte by need', async () => {
    const file = await sparseFile();
    const identity = new Float32Array(WIDTH * WIDTH).map((_, i) => (i % (WIDTH + 1) === 0 ? 1 : 0));
    const executor = await openExecutor('ort', { threads: 1 });
    const program = await executor.compile(lookUp(), {
      weights: (name) =>
        name === 'table'
          ? { kind: 'file', file, offset: 64, bytes: BYTES }
          : { kind: 'memory', data: identity },
    });
    const resident = process.memoryUsage().rss;
    const { outputs } = await program.run({ ids: Int32Array.of(ROWS - 1, 5) });
    expect(outputs.y![0]).toBe(0);
    expect(outputs.y![WIDTH]).toBe(7);
    expect(process.memoryUsage().rss - resident).toBeLessThan(BYTES / 4);
    await program.release();
  });

  it('names a weight that has no source', () => {
    expect(() => exportOnnx(lookUp(), undefined, () => '')).toThrow('no source for weight table');
  });

  // the system's own account of pages that are mapped more than once
  it.runIf(process.platform === 'linux')(
    'counts weights once that several programs have mapped',
    async () => {
      const [inner, columns] = [4096, 4096];
      const bytes = 4 * inner * columns;
      const file = path.join(temporaryFolder(), 'weights.bin');
      await fs.writeFile(file, new Uint8Array(new Float32Array(inner * columns).fill(0.5).buffer));
      const graph = () => {
        const made = new Graph();
        made.output('y', matmul(made.input('x', 'f32', [1, inner]), made.weight('w', [inner, columns])));
        return made;
      };
      const executor = await openExecutor('ort', { threads: 1 });
      const open = async () => {
        const program = await executor.compile(graph(), {
          weights: () => ({ kind: 'file', file, offset: 0, bytes }),
        });
        await program.run({ x: new Float32Array(inner).fill(1) });
        return program;
      };
      const memory = async () => {
        const rss = process.memoryUsage.rss();
        const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(await fs.readFile('/proc/self/smaps_rollup', 'utf8'))!;
        return { rss, ...executor.processMemory!(), pss: 1024 * Number(kib) };
      };
      const first = await open();
      const before = await memory();
      const others = [await open(), await open()];
      const after = await memory();
      expect(after.rss - before.rss).toBeGreaterThan(1.9 * bytes);
      expect(after.pss - before.pss).toBeLessThan(0.2 * bytes);
      expect(Math.abs(after.now - before.now - (after.pss - before.pss))).toBeLessThan(0.1 * bytes);
      for (const program of [first, ...others]) await program.release();
      // all three at once were the system's peak, and of ours but one of them
      const { now, peak, rss } = await memory();
      expect(Math.abs(now - rss)).toBeLessThan(0.1 * bytes);
      expect(peak).toBeLessThan(before.rss + 0.5 * bytes);
      expect(peakResidentBytes()).toBeGreaterThan(before.rss + 1.9 * bytes);
    },
  );
});
