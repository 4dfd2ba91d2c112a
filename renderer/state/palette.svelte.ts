/** Whether the command palette is open, and the actions that the page in front adds to it. */
import type { IconComponent } from '../ui/icon.ts';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconComponent | undefined;
  /** Other words by which it is found. */
  readonly words?: string | undefined;
  readonly run: () => void;
}

class Palette {
  open = $state(false);
  /** Actions of the page in front; it sets them when it is shown and takes them back when it goes. */
  extra = $state.raw<readonly Command[]>([]);

  /** Adds commands; gives the function that takes them away. */
  add(commands: readonly Command[]): () => void {
    this.extra = [...this.extra, ...commands];
    return () => {
      this.extra = this.extra.filter((command) => !commands.includes(command));
    };
  }
}

export const palette = new Palette();
