/** What the desktop app itself says: menus, dialogs, tray. The pages have their own catalogue in renderer/text. */
import { say } from '../../common/words/language.ts';

export const APP_NAME = 'Fettle';

/** The texts in the language of the moment. */
export const words = () => ({
  menu: {
    file: say`File`,
    newRun: say`New run`,
    history: say`History`,
    models: say`Models`,
    settings: say`Settings…`,
    dataFolder: say`Show the data folder`,
    edit: say`Edit`,
    view: say`View`,
    go: say`Go`,
    window: say`Window`,
    help: say`Help`,
    quit: say`Quit Fettle`,
    about: say`About Fettle`,
    open: say`Open Fettle`,
  },
  tray: {
    working: (percent: number) => say`Fettle: ${percent}% done`,
  },
  close: {
    title: say`A job is still running`,
    message: (name: string) => say`“${name}” is still running. What do you want to do?`,
    more: (others: number) =>
      others === 1 ? say`One more job is waiting.` : say`${others} more jobs are waiting.`,
    detail: say`In the background, it runs without a window. If you pause it, you can resume it at any time. If you stop it, what it has saved stays in the history.`,
    background: say`Keep running`,
    pause: say`Pause and close`,
    stop: say`Stop and close`,
    cancel: say`Cancel`,
  },
  gone: {
    message: say`This window stopped working twice in a row.`,
    detail: say`Running jobs continue. If other programs use all the memory, close some first.`,
    again: say`Reload`,
  },
  failure: {
    title: say`Fettle could not start`,
    otherHint: say`Use that one, or close it first.`,
    internal: (reference: string, file: string) =>
      say`Something in Fettle went wrong (reference ${reference}).\nDetails are in ${file}.`,
  },
  files: {
    data: say`Data`,
    gguf: say`GGUF models`,
    all: say`All files`,
  },
});
