/** What WebGPU says of this computer, asked in a process of its own: whether it opens, and on what. */

/** An adapter in WebGPU's own words; texts are empty where it tells nothing. Limits are bytes. */
export interface WebGpuAdapter {
  /** "nvidia", "amd", "intel", "apple", "mesa". */
  readonly vendor: string;
  /** "ampere", "rdna-2", "software". */
  readonly architecture: string;
  /** The card's name in small letters and hyphens: "nvidia-geforce-rtx-3060". */
  readonly device: string;
  /** Driver and version, as the driver says it. */
  readonly description: string;
  /** Whether it computes on the processor: no card. */
  readonly isFallback: boolean;
  /** Whether shaders may compute in 16 bits. */
  readonly hasShaderF16: boolean;
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeWorkgroupStorageSize: number;
  };
}

export interface WebGpuAnswer {
  /** Why the engine's onnxruntime cannot compute through WebGPU here; null: it can, a small sum was right. */
  readonly problem: string | null;
  /** The one that is taken for computing first; null where nobody could tell. */
  readonly adapters: readonly WebGpuAdapter[] | null;
  /** Why `adapters` is null. */
  readonly unknown: string | null;
}
