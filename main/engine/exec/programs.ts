/** Programs by what they are compiled for, each compiled once, also where several ask at the same time. */
import type { Program } from './executor.ts';

export class Programs<Key extends string | number> {
  readonly #compiled = new Map<Key, Promise<Program>>();

  get(key: Key, compile: () => Promise<Program>): Promise<Program> {
    const known = this.#compiled.get(key) ?? compile();
    this.#compiled.set(key, known);
    return known;
  }

  /** Gives all of them back; who asks again has them compiled again. */
  async release(): Promise<void> {
    const programs = [...this.#compiled.values()];
    this.#compiled.clear();
    // one that could not be compiled has told who asked for it
    for (const program of programs) await (await program.catch(() => null))?.release();
  }
}
