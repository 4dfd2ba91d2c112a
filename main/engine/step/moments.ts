/** AdamW's two moments of all trained values, flat: float32, or 8 bits with a scale per block. */
import { adamw, adamw8bit, type ParameterSlice, type Range, type UpdateScalars } from '../nn/adamw.ts';
import { FLOAT8_BLOCK } from '../nn/small-floats.ts';
import type { Allocate } from './masters.ts';

/** What updates the weights, and how it keeps its moments. */
export type Optimizer = 'adamw' | 'adamw-8bit';

export interface AdamW {
  readonly rate: number;
  readonly weightDecay: number;
  /** Decay towards the anchor, where the state has one. */
  readonly stayClose?: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** Largest L2 norm of all gradients together; Infinity for none. */
  readonly maxNorm: number;
}

/** What a gradient of that norm is multiplied with so that it is no longer than `maxNorm`. */
export function clipFactor({ maxNorm }: Pick<AdamW, 'maxNorm'>, norm: number): number {
  return Math.min(1, maxNorm / (norm + 1e-6));
}

/** What all values of update `t`, counted from 1, have in common. */
export function scalarsAt({ rate, beta1, beta2, eps }: AdamW, t: number) {
  const unbias1 = 1 / (1 - beta1 ** t);
  const unbias2 = 1 / Math.sqrt(1 - beta2 ** t);
  return { rate, beta1, beta2, eps, unbias1, unbias2 };
}

/** A part of the moments as a checkpoint holds it; its arrays share the memory of the moments. */
export interface SavedPart {
  readonly prefix: string;
  readonly data: Float32Array | Uint8Array;
  /** One number for each block, and not for each value. */
  readonly perBlock: boolean;
}

export interface Moments {
  /** Where they are float32 numbers. */
  readonly floats: { readonly m: Float32Array; readonly v: Float32Array } | null;
  /** Updates the values in `range`; `update` counts the updates from 1. */
  update(trained: ParameterSlice, range: Range, scalars: UpdateScalars, update: number): void;
  parts(range: Range): readonly SavedPart[];
}

/** In the flat buffers parameters begin at multiples of it. */
export function alignmentOf(optimizer: Optimizer): number {
  return optimizer === 'adamw-8bit' ? FLOAT8_BLOCK : 1;
}

/** Bytes that both moments of a trained value take. */
export function momentBytes(optimizer: Optimizer): number {
  return optimizer === 'adamw-8bit' ? 2 + 8 / FLOAT8_BLOCK : 8;
}

/** Moments of `size` values, all zero; for 8 bits a multiple of the block. */
export function newMoments(optimizer: Optimizer, size: number, allocate: Allocate): Moments {
  return optimizer === 'adamw-8bit' ? packedMoments(size, allocate) : floatMoments(size, allocate);
}

function floatMoments(size: number, allocate: Allocate): Moments {
  const [m, v] = [allocate(Float32Array, size), allocate(Float32Array, size)];
  return {
    floats: { m, v },
    update: (trained, range, scalars) => adamw({ ...trained, m, v }, range, scalars),
    parts: ([start, end]) => [
      { prefix: 'm', data: m.subarray(start, end), perBlock: false },
      { prefix: 'v', data: v.subarray(start, end), perBlock: false },
    ],
  };
}

function packedMoments(size: number, allocate: Allocate): Moments {
  const blocks = size / FLOAT8_BLOCK;
  const moments = {
    m: allocate(Uint8Array, size),
    mScale: allocate(Float32Array, blocks),
    v: allocate(Uint8Array, size),
    vScale: allocate(Float32Array, blocks),
  };
  return {
    floats: null,
    update: (trained, range, scalars, update) => adamw8bit(trained, moments, range, scalars, update),
    parts: ([start, end]) => {
      const [first, last] = [start / FLOAT8_BLOCK, Math.ceil(end / FLOAT8_BLOCK)];
      return [
        { prefix: 'm', data: moments.m.subarray(start, end), perBlock: false },
        { prefix: 'v', data: moments.v.subarray(start, end), perBlock: false },
        { prefix: 'm.scale', data: moments.mScale.subarray(first, last), perBlock: true },
        { prefix: 'v.scale', data: moments.vScale.subarray(first, last), perBlock: true },
      ];
    },
  };
}
