/** What settings, plans and words go by of what computes. */
export interface ExecutorTraits {
  /** As people know it. */
  readonly title: string;
  /** Whether weights in 16 bits stay so on the processor: elsewhere they become float32 when they are read. */
  readonly keepsHalves: boolean;
  /** Whether its programs share the weights. */
  readonly sharesWeights: boolean;
  /** Whether it copies weights into memory of its own, and finds its device by itself, whatever a run names. */
  readonly isApart?: true;
  /** The way to a graphics card that leads through it. */
  readonly way?: string;
  /** Why it has no products in float16. */
  readonly halfRefusal?: () => string;
}
