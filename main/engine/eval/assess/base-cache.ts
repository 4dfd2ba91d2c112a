/**
 * Figures of untouched models, kept between assessments: they follow from the model's files and from what it is asked, and
 * are half of the work. A file is one computation, found by a hash of everything that it depends on.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../io/atomic.ts';

/** Changed when what is computed from the same inputs changes. */
const VERSION = 1;

export class BaseCache {
  readonly #folder: string;
  readonly #model: string;

  /** A cache in `folder` for the model whose files have the key `model`, computed by `executor`. */
  constructor(folder: string, model: string, executor: string) {
    this.#folder = folder;
    this.#model = `${VERSION} ${executor} ${model}`;
  }

  /** What was kept for `kind` and `asked`, else the result of `compute`, which is then kept. Results are plain JSON. */
  async get<T>(kind: string, asked: unknown, compute: () => Promise<T>): Promise<T> {
    const key = createHash('sha256')
      .update(JSON.stringify([this.#model, kind, asked]))
      .digest('hex');
    const file = path.join(this.#folder, `${kind}-${key.slice(0, 32)}.json`);
    const kept = await readFile(file, 'utf8').catch(() => null);
    if (kept !== null) {
      try {
        return JSON.parse(kept) as T;
      } catch {
        // a damaged file is only a cache: it is made again
      }
    }
    const made = await compute();
    // a cache that cannot be written costs time and nothing else
    await writeFileAtomic(file, JSON.stringify(made)).catch(() => undefined);
    return made;
  }
}
