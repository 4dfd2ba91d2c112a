/** Work of several clients in steps that they share: each step computes the next token of every answer, and a part of a prompt. */

/** Tokens of prompts that a step reads where others wait for their next token, and where nobody does. */
const BESIDE_OTHERS = 128;
const ALONE = 512;

/** One client's work in its place, a step at a time; `room` gives how many of `wanted` tokens this step may still read. */
export type Turn<Place> = (place: Place, room: (wanted: number) => number) => AsyncGenerator<void>;

interface Asked<Place> {
  readonly turn: Turn<Place>;
  /** What it is worth to take a place: tokens that need not be read again, less those that would be forgotten. */
  readonly worth: (place: Place) => number;
  readonly gone: AbortSignal;
  readonly ended: PromiseWithResolvers<void>;
}

interface Seated {
  readonly steps: AsyncGenerator<void>;
  readonly gone: AbortSignal;
  end(failed?: { readonly error: unknown }): void;
}

export class SharedSteps<Place> {
  readonly #free: Place[];
  readonly #more: () => Promise<readonly Place[]>;
  readonly #before: () => void;
  readonly #waiting: Asked<Place>[] = [];
  readonly #seated = new Set<Seated>();
  #hasGrown = false;
  #isRunning = false;
  #room = 0;

  /** `more`: further places, asked for once, when one is missing. `before`: called before each step. */
  constructor(places: readonly Place[], more: () => Promise<readonly Place[]>, before: () => void) {
    [this.#free, this.#more, this.#before] = [[...places], more, before];
  }

  /** Ends with the turn; throws what it throws, or the reason of `gone` after the step in which that came. */
  take(worth: Asked<Place>['worth'], gone: AbortSignal, turn: Turn<Place>): Promise<void> {
    const ended = Promise.withResolvers<void>();
    this.#waiting.push({ turn, worth, gone, ended });
    void this.#run();
    return ended.promise;
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // what is asked for at the same time begins in the same step
    await null;
    while (this.#waiting.length > 0 || this.#seated.size > 0) {
      await this.#seat();
      this.#before();
      this.#room = this.#seated.size > 1 ? BESIDE_OTHERS : ALONE;
      await Promise.all([...this.#seated].map((one) => this.#step(one)));
    }
    this.#isRunning = false;
  }

  async #seat(): Promise<void> {
    if (this.#waiting.length > this.#free.length && !this.#hasGrown) {
      this.#hasGrown = true;
      // without the memory for more those that are there do
      this.#free.push(...(await this.#more().catch(() => [])));
    }
    while (this.#waiting.length > 0) {
      const next = this.#waiting[0]!;
      if (!next.gone.aborted && this.#free.length === 0) return;
      this.#waiting.shift();
      if (next.gone.aborted) next.ended.reject(next.gone.reason);
      else this.#begin(next);
    }
  }

  #begin({ turn, worth, gone, ended }: Asked<Place>): void {
    const worths = this.#free.map(worth);
    const [place] = this.#free.splice(worths.indexOf(Math.max(...worths)), 1);
    const steps = turn(place!, (wanted) => {
      // a long prompt leaves room for the short ones behind it
      const most = this.#seated.size > 1 ? Math.ceil(this.#room / 2) : this.#room;
      const given = Math.min(wanted, most);
      this.#room -= given;
      return given;
    });
    const seated: Seated = {
      steps,
      gone,
      end: (failed) => {
        this.#seated.delete(seated);
        this.#free.push(place!);
        if (failed) ended.reject(failed.error);
        else ended.resolve();
      },
    };
    this.#seated.add(seated);
  }

  async #step({ steps, gone, end }: Seated): Promise<void> {
    try {
      if (gone.aborted) {
        await steps.return(undefined);
        return end({ error: gone.reason });
      }
      if ((await steps.next()).done) end();
    } catch (error) {
      end({ error });
    }
  }
}
