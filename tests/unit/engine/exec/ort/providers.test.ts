/** What a device cannot hold in one piece is refused before anything is sent there; this needs no device. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../../common/errors.ts';
import { checkLargest, deviceFailure, providerOf } from '../../../../../main/engine/exec/ort/providers.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { add, gather, matmul } from '../../../../../main/engine/ops/functions.ts';

const webgpu = { ...providerOf('cpu'), device: 'webgpu' as const, largestBytes: 2 ** 31 - 4 };

function table(rows: number): Graph {
  const graph = new Graph();
  graph.output('y', gather(graph.weight('embed', [rows, 4096]), graph.input('ids', 'i32', [3])));
  return graph;
}

describe('checkLargest', () => {
  it('names a table that is too large', () => {
    expect(() => checkLargest(table(2 ** 17), webgpu)).toThrow(
      /A weight of the model needs 2\.15 GB in one piece\. .*webgpu.* allows 2\.15 GB: .*embed/,
    );
    expect(() => checkLargest(table(2 ** 17 - 1), webgpu)).not.toThrow();
  });

  it('looks at the values of a step, too', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2 ** 15, 1]);
    graph.output('y', add(matmul(x, x, { transB: true }), graph.input('z', 'f32', [1])));
    expect(() => checkLargest(graph, webgpu)).toThrow(/A step needs 4\.29 GB in one piece/);
  });

  it('has no limit on the processor', () => {
    expect(() => checkLargest(table(2 ** 20), providerOf('cpu'))).not.toThrow();
  });
});

const SAID = [
  [
    'device-missing',
    '/src/webgpu_context.cc:136 Initialize adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters',
  ],
  ['device-lost', 'WebGPU device lost (2): A valid external Instance reference no longer exists.'],
  ['device-lost', 'Error: VK_ERROR_DEVICE_LOST at vkQueueSubmit'],
  // what onnxruntime 1.30 said when a Vulkan driver gave VK_ERROR_DEVICE_LOST
  [
    'device-lost',
    'Failed to download data from buffer. wgpu::MapAsyncStatus value: 4, message: [Device] is lost.',
  ],
  ['device-lost', '[Device "card"] is lost.'],
  ['out-of-memory', 'Failed to allocate memory for requested buffer of size 8589934592'],
  ['out-of-memory', 'Buffer size (5000000000) exceeds the max buffer size limit (4294967296).'],
  ['device-failed', 'Non-zero status code returned while running MatMul node.\nat somewhere'],
] as const;

describe('deviceFailure', () => {
  it.each(SAID)('%s: %s', (code, text) => {
    const error = deviceFailure('webgpu', new Error(text)) as AppError;
    expect(error).toBeInstanceOf(AppError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/webgpu/i);
    expect(error.message).not.toMatch(/\.cc:|\n/);
    expect(error.hint).toMatch(/processor/);
  });

  it('knows the numbers of Direct3D', () => {
    const said = (number: string) =>
      deviceFailure('webgpu', new Error(`HRESULT 0x${number} from the driver`));
    expect(said('887A0005')).toMatchObject({ code: 'device-lost' });
    expect(said('8007000E')).toMatchObject({ code: 'out-of-memory' });
    // that name is known on Windows alone
    if (process.platform === 'win32') expect(said('887A0002')).toMatchObject({ code: 'device-missing' });
  });

  it('leaves what the processor says as it is, and what is a sentence already', () => {
    const bug = new Error('internal: no');
    expect(deviceFailure('cpu', bug)).toBe(bug);
    const known = new AppError('weights-missing', 'm', 'h');
    expect(deviceFailure('webgpu', known)).toBe(known);
  });
});
