/** German: words that belong to no page. */
import { number, plural } from '../../../common/words/format.ts';
import type { common as english } from '../en/common.ts';
import type { Translated } from '../page.ts';

export const common: Translated<typeof english> = {
  app: 'Fettle',
  progressTitle: (percent, name) => `${percent} – ${name} – Fettle`,
  close: 'Schließen',
  cancel: 'Abbrechen',
  undo: 'Rückgängig',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyDetails: 'Details kopieren',
  retry: 'Erneut versuchen',
  open: 'Öffnen',
  save: 'Speichern',
  loading: 'Wird geladen',
  terms: 'Begriffe auf dieser Seite',
  wantNumber: (min, max) => {
    if (min !== undefined && max !== undefined)
      return `Geben Sie eine Zahl von ${trimmed(min)} bis ${trimmed(max)} ein.`;
    if (min !== undefined) return `Geben Sie mindestens ${trimmed(min)} ein.`;
    if (max !== undefined) return `Geben Sie höchstens ${trimmed(max)} ein.`;
    return 'Geben Sie eine Zahl ein.';
  },
  choose: 'Auswählen',
  meter: (part, whole) => `${part} von ${whole}`,
  connectionLost: {
    message: 'Fettle ist nicht erreichbar.',
    hint: 'Prüfen Sie, ob es noch läuft. Die Seite verbindet sich von selbst neu.',
  },
  unexpectedHint:
    'Versuchen Sie es erneut. Tritt es wieder auf, kopieren Sie die Details und melden Sie sie.',
  upload: {
    choose: 'Dateien auswählen',
    browseRemote: 'Computer von Fettle durchsuchen',
    busy: (name) => `${name} wird gelesen`,
  },
  plot: {
    table: 'Als Tabelle',
    chart: 'Als Diagramm',
    png: 'PNG herunterladen',
    csv: 'CSV herunterladen',
    options: (title) => `Diagramm-Optionen: ${title}`,
    empty: 'Noch keine Werte.',
    smoothed: (label) => `${label}, geglättet`,
    described: (title, points) => `${title}: Diagramm mit ${plural(points, 'point')}`,
  },
  verdict: {
    learned: {
      yes: 'Gelernt',
      partly: 'Teilweise gelernt',
      no: 'Nicht gelernt',
      unknown: 'Lernen nicht gemessen',
    },
    forgot: {
      nothing: 'Nichts messbar vergessen',
      little: 'Wenig vergessen',
      much: 'Viel vergessen',
      unknown: 'Vergessen nicht gemessen',
    },
  },
};

function trimmed(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value).replace('.', ',');
}
