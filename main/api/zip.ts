/** A .zip that is written piece by piece, so that files of any size pass through little memory. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';

export class ZipWriter {
  readonly #zip: Zip;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #ready: Uint8Array[] = [];
  #error: Error | null = null;

  /** What is written goes to `write`, one piece after the other. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
    this.#zip = new Zip((error, bytes) => {
      if (error) this.#error = error;
      else this.#ready.push(bytes);
    });
  }

  /** Adds a small file, compressed. */
  async text(name: string, content: string | Uint8Array): Promise<void> {
    const entry = new ZipDeflate(name, { level: 6 });
    this.#zip.add(entry);
    entry.push(typeof content === 'string' ? new TextEncoder().encode(content) : content, true);
    await this.#flush();
  }

  /** Adds a file as it is: weights do not get smaller. */
  async file(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const entry = new ZipPassThrough(name);
    this.#zip.add(entry);
    for await (const bytes of content) {
      entry.push(bytes);
      await this.#flush();
    }
    entry.push(new Uint8Array(0), true);
    await this.#flush();
  }

  /** Writes the list of files, which ends it. */
  async end(): Promise<void> {
    this.#zip.end();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#error) throw this.#error;
    const ready = this.#ready;
    this.#ready = [];
    for (const bytes of ready) await this.#write(bytes);
  }
}
