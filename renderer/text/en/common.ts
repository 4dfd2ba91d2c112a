/** Words that belong to no page: what components say, and what is said when something fails. */
import { number, plural } from '../../../common/words/format.ts';

export const common = {
  app: 'Fettle',
  progressTitle: (percent: string, name: string) => `${percent} – ${name} – Fettle`,
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
  terms: 'Terms on this page',
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
    message: "Fettle can't be reached.",
    hint: 'Check that it is still running. This page reconnects automatically.',
  },
  unexpectedHint: 'Try again. If it happens again, copy the details and report them.',
  upload: {
    choose: 'Choose files',
    browseRemote: "Browse Fettle's computer",
    busy: (name: string) => `Reading ${name}`,
  },
  plot: {
    table: 'Show table',
    chart: 'Show plot',
    png: 'Download PNG',
    csv: 'Download CSV',
    options: (title: string) => `Plot options: ${title}`,
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
