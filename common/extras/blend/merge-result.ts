/** Adapters that were added up to one. */
export interface MergeResult {
  readonly adapters: readonly { readonly folder: string; readonly weight: number }[];
  /** Modules that have an adapter, and the largest rank of one. */
  readonly modules: number;
  readonly rank: number;
  readonly out: string;
}
