/** Words that belong to no page: what components say, and what is said when something fails. */
import { number, plural } from '../../../common/words/format.ts';

export const common = {
  app: 'Fettle',
  close: 'Close',
  cancel: 'Cancel',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  copyDetails: 'Copy details',
  retry: 'Try again',
  open: 'Open',
  save: 'Save',
  loading: 'Loading',
  wantNumber: (min: number | undefined, max: number | undefined) => {
    if (min !== undefined && max !== undefined)
      return `Enter a number from ${trimmed(min)} to ${trimmed(max)}.`;
    if (min !== undefined) return `Enter a number of at least ${trimmed(min)}.`;
    if (max !== undefined) return `Enter a number of at most ${trimmed(max)}.`;
    return 'Enter a number.';
  },
  choose: 'Choose',
  meter: (part: string, whole: string) => `${part} of ${whole}`,
  connectionLost: {
    message: 'Fettle cannot be reached at the moment.',
    hint: 'The page connects again by itself. If this stays, see whether Fettle is still running.',
  },
  unexpectedHint: 'This should not have happened. Try again; if it stays, copy the details and report them.',
  upload: {
    choose: 'Choose files',
    browseRemote: 'Browse the computer that Fettle runs on',
    busy: (name: string) => `Reading ${name}`,
  },
  plot: {
    table: 'Show as table',
    chart: 'Show as plot',
    png: 'Download PNG',
    csv: 'Download CSV',
    options: (title: string) => `Options of the plot: ${title}`,
    empty: 'Nothing to show yet.',
    smoothed: (label: string) => `${label}, smoothed`,
    described: (title: string, points: number) => `${title}: plot of ${plural(points, 'point')}`,
  },
  verdict: {
    learned: {
      yes: 'It learned',
      partly: 'It learned in part',
      no: "It didn't learn this",
      unknown: 'Learning not measured',
    },
    forgot: {
      nothing: 'Forgot nothing measurable',
      little: 'Forgot a little',
      much: 'Forgot much',
      unknown: 'Forgetting not measured',
    },
  },
} as const;

function trimmed(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}
