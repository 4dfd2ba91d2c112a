/** Keeps the computer from sleeping while a model is trained; the screen may go dark. */
import { powerSaveBlocker } from 'electron';

/** Switches that on and off. */
export function awakeKeeper(): (on: boolean) => void {
  let blocker: number | null = null;
  return (on) => {
    if (on === (blocker !== null)) return;
    if (on) blocker = powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}
