/** What the campaign cuts off, starves and repeats. */
export interface Operation {
  readonly name: string;
  /** Makes in `folder`, which is empty, what it starts from. */
  prepare(folder: string): Promise<void>;
  /** Does it, or goes on with it; gives what was made, as a text that is the same whenever that is the same to the bit. */
  run(folder: string): Promise<string>;
}
