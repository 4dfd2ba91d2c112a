/** German: words that belong to no page, and the frame around all. */
import type { JobKind } from '../../../common/api/contract.ts';
import { bytes, number, plural, timeOfDay } from '../../../common/words/format.ts';
import type { common as englishCommon, frame as englishFrame } from '../en/common.ts';
import type { Translated } from '../page.ts';

export const common: Translated<typeof englishCommon> = {
  app: 'Fettle',
  progressTitle: (percent, name) => `${percent} – ${name} – Fettle`,
  close: 'Schließen',
  cancel: 'Abbrechen',
  undo: 'Rückgängig',
  copy: 'Kopieren',
  copied: 'Kopiert',
  details: 'Details',
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
};

function trimmed(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value).replace('.', ',');
}

const KINDS: Readonly<Record<JobKind, string>> = {
  train: 'Training',
  assess: 'Vergleich',
  export: 'Export',
};

export const frame: Translated<typeof englishFrame> = {
  skip: 'Zum Inhalt springen',
  navigation: 'Hauptmenü',
  pages: {
    new: 'Neues Training',
    history: 'Verlauf',
    chat: 'Chat',
    models: 'Modelle',
    learn: 'Lernen',
    settings: 'Einstellungen',
    help: 'Hilfe',
    news: 'Neuigkeiten',
  },
  search: 'Suchen',
  machine: {
    title: 'Computer im Überblick',
    unknown: 'Computer wird erkannt',
    threads: (n) => plural(n, 'thread'),
    free: (free, total) => `${bytes(free)} von ${bytes(total)} frei`,
    memory: 'Belegter Speicher',
    idle: 'Kein Auftrag läuft',
  },
  notFound: {
    title: 'Seite nicht gefunden',
    about: 'Die Adresse ist vielleicht alt oder vertippt.',
    action: 'Verlauf öffnen',
  },
  loadingPage: 'Seite wird geöffnet',
  loadFailed: 'Diese Seite ließ sich nicht öffnen',
  dismiss: 'OK',
  connection: {
    connecting: 'Verbindung wird hergestellt',
    lost: 'Verbindung unterbrochen. Trainings laufen weiter. Die Seite verbindet sich von selbst neu.',
    none: 'Nicht verbunden',
    expired: 'Dieser Link ist abgelaufen. Drücken Sie im Terminal die Eingabetaste für einen neuen.',
  },
  jobs: {
    strip: 'Aktueller Auftrag',
    kindOf: ({ kind, isBlend }) => (isBlend ? 'Mischung' : KINDS[kind]),
    states: {
      waiting: 'wartet',
      scheduled: 'geplant',
      starting: 'startet',
      running: 'läuft',
      pausing: 'sichert und pausiert',
      paused: 'pausiert',
      stopping: 'endet',
      done: 'fertig',
      failed: 'fehlgeschlagen',
    },
    scheduledFor: (when) => `startet um ${timeOfDay(when)}`,
    step: (step, steps) =>
      steps === null ? `Schritt ${number(step)}` : `Schritt ${number(step)} von ${number(steps)}`,
    pause: 'Pausieren',
    resume: 'Fortsetzen',
    skip: 'Überspringen',
    cancelled: (name) => `„${name}“ abgebrochen. Gesichertes bleibt.`,
    more: (n) => `${number(n)} wartend`,
    queue: 'Wartende Aufträge',
    queueAbout:
      'Aufträge laufen einzeln, in dieser Reihenfolge. Kopien werden zuerst oder nebenher gespeichert.',
    queueEmpty: 'Keine wartenden Aufträge.',
    up: (name) => `Nach oben: ${name}`,
    down: (name) => `Nach unten: ${name}`,
    startAt: (name) => `Startzeit von ${name}`,
    remove: (name) => `Aus der Warteschlange nehmen: ${name}`,
    done: (kind, name) => `${kind} von „${name}“ ist fertig`,
    failed: (kind, name) => `${kind} von „${name}“ ist fehlgeschlagen`,
  },
  palette: {
    title: 'Suchen',
    placeholder: 'Seite, Training, Modell oder Aktion',
    nothing: 'Nichts gefunden',
    pages: 'Seiten',
    runs: 'Trainings',
    models: 'Modelle',
    actions: 'Aktionen',
    light: 'Helles Design',
    dark: 'Dunkles Design',
    system: 'Design des Systems',
    pause: (name) => `${name} pausieren`,
    resume: (name) => `${name} fortsetzen`,
    openJob: (name) => `${name} öffnen`,
    glossary: 'Glossar',
    showAll: 'Alle Trainingseinstellungen zeigen',
    hideAll: 'Experteneinstellungen ausblenden',
  },
  toasts: 'Meldungen',
  picker: {
    titles: {
      data: 'Datei mit Daten auswählen',
      'model-folder': 'Ordner eines Modells auswählen',
      gguf: 'GGUF-Datei auswählen',
      folder: 'Ordner auswählen',
      save: 'Speicherort auswählen',
    },
    about: 'Ordner des Computers, auf dem Fettle läuft.',
    path: 'Ordner',
    go: 'Öffnen',
    up: 'Übergeordneter Ordner',
    here: 'Diesen Ordner wählen',
    choose: 'Auswählen',
    name: 'Dateiname',
    empty: 'Hier gibt es nichts auszuwählen.',
    folder: 'Ordner',
  },
};
