/** How onnxruntime finds the NVIDIA pack, and what is said where something on the way to a card is missing. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { explainCuda, findPack, loadCuda } from '../../../../../main/engine/exec/ort/nvidia-pack.ts';
import { LABEL, packFolder } from '../../../../../main/packs/pack.ts';
import { packsHere } from '../../../../helpers/pack.ts';

const CHILD = path.resolve(import.meta.dirname, '../../../../helpers/nvidia-child.ts');
const isItsPlatform = process.platform === 'linux' && process.arch === 'x64';
let packs: string;

beforeEach(() => {
  packs = packsHere();
});

afterEach(() => fs.rmSync(packs, { recursive: true }));

/** A pack of which only the label is there. */
function label(onnxruntime: string): void {
  fs.mkdirSync(packFolder(packs, 'nvidia'));
  fs.writeFileSync(
    path.join(packFolder(packs, 'nvidia'), LABEL),
    JSON.stringify({ onnxruntime, cuda: '13.0', preload: ['libcudart.so.13'] }),
  );
}

describe.runIf(isItsPlatform)('the NVIDIA pack', () => {
  it('is found where it was put, and only for the onnxruntime of now', () => {
    expect(findPack(packs)).toBeNull();
    label('1.0.0');
    expect(findPack(packs)).toBeNull();
    fs.rmSync(packFolder(packs, 'nvidia'), { recursive: true });
    label('1.30.0');
    expect(findPack(packs)).toEqual({ folder: packFolder(packs, 'nvidia'), preload: ['libcudart.so.13'] });
  });

  it('is what onnxruntime looks into for its provider, while the processor computes as before', () => {
    label('1.30.0');
    const env = { ...process.env, FETTLE_PACKS: packs, XDG_CACHE_HOME: path.join(packs, 'cache') };
    delete (env as NodeJS.ProcessEnv).FETTLE_HOME;
    const { stdout, stderr } = spawnSync(process.execPath, [CHILD], { env, encoding: 'utf8' });
    const said = JSON.parse(stdout);
    // with a driver the next thing that is missing is the library, which the label names and the folder lacks
    expect(['device-driver-missing', 'pack-damaged']).toContain(said.cuda);
    expect(said.y).toEqual([3, 6]);
    const links = path.join(packs, 'cache', 'fettle', 'onnxruntime');
    const [key] = fs.readdirSync(links);
    expect(stderr).toContain(path.join(links, key!, 'libonnxruntime_providers_shared.so'));
    expect(fs.readlinkSync(path.join(links, key!, 'libonnxruntime_providers_cuda.so'))).toBe(
      path.join(packFolder(packs, 'nvidia'), 'libonnxruntime_providers_cuda.so'),
    );
  });
});

it('without the pack, it says how to get it', () => {
  expect(() => loadCuda(null)).toThrow(expect.objectContaining({ code: 'device-pack-missing' }));
});

describe('explainCuda', () => {
  const said = [
    ['libcuda.so.1: cannot open shared object file: No such file or directory', 'device-driver-missing'],
    ['libcublasLt.so.13: cannot open shared object file: No such file or directory', 'pack-damaged'],
    ['/p/libcurand.so.10: file too short', 'pack-damaged'],
    [
      'cuda_call.cc:146 CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version ; GPU=-1',
      'device-driver-old',
    ],
    ['CUDA failure 100: no CUDA-capable device is detected ; GPU=-1', 'device-missing'],
    ['CUDA failure 2: out of memory ; GPU=0', 'out-of-memory'],
    ['CUDA error 719: unspecified launch failure', 'device-lost'],
    ['CUDNN_STATUS_NOT_INITIALIZED', 'device-unsupported'],
    ['CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED', 'device-failed'],
  ] as const;

  it.each(said)('%s', (text, code) => {
    const error = explainCuda(new Error(text));
    expect(error?.code).toBe(code);
    expect(error?.hint).toMatch(/\.|cpu\)/);
  });

  it('keeps still about everything else', () => {
    expect(explainCuda(new Error('x is no function'))).toBeNull();
  });
});
