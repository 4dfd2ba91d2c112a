/** A pack that an extra brings: libraries downloaded on request. */
export interface ExtraPack {
  /** The library, as people know it, and its manifest in resources/. */
  readonly product: string;
  readonly file: string;
  /** As the download is called, and as a command calls it. */
  readonly called: () => string;
  readonly title: string;
  /** What a command's help says of it, and what to do when it has come. */
  readonly about: string;
  readonly next: string;
}
