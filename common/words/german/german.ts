/** German: sentences and nouns by their English. */
import { APP } from './app.ts';
import { ASSESS } from './assess.ts';
import { COMPUTER } from './computer.ts';
import { DATA } from './data.ts';
import { DEVICES } from './devices.ts';
import { DOCTOR } from './doctor.ts';
import { FILES } from './files.ts';
import { HARDWARE } from './hardware.ts';
import { HUB } from './hub.ts';
import { MODELS } from './models.ts';
import { RUNS } from './runs.ts';
import { SETTINGS } from './settings.ts';
import { TARGETS } from './targets.ts';
import { TRAINING } from './training.ts';

const FIGURES: Readonly<Record<string, string>> = {
  days: 'Tage',
  'tokens/s': 'Tokens/s',
  'not known yet': 'noch nicht bekannt',
  'less than a minute': 'weniger als eine Minute',
  'about a minute': 'etwa eine Minute',
  'about {0} minutes': 'etwa {0} Minuten',
  'about an hour': 'etwa eine Stunde',
  'about an hour and a half': 'etwa anderthalb Stunden',
  'about {0} hours': 'etwa {0} Stunden',
  'about {0} days': 'etwa {0} Tage',
  '{0} left': 'noch {0}',
  'less than {0}': 'weniger als {0}',
  'just now': 'gerade eben',
  '{0} ago': 'vor {0}',
  'today {0}': 'heute {0}',
  'yesterday {0}': 'gestern {0}',
  '{0} ({1} to {2})': '{0} ({1} bis {2})',
};

export const NOUNS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  row: ['Zeile', 'Zeilen'],
  'entry without a name': ['Eintrag ohne Namen', 'Einträge ohne Namen'],
  token: ['Token', 'Tokens'],
  minute: ['Minute', 'Minuten'],
  step: ['Schritt', 'Schritte'],
  file: ['Datei', 'Dateien'],
  model: ['Modell', 'Modelle'],
  run: ['Training', 'Trainings'],
  point: ['Punkt', 'Punkte'],
  thread: ['Thread', 'Threads'],
  'held-out row': ['Testzeile', 'Testzeilen'],
  'test row': ['Testzeile', 'Testzeilen'],
  call: ['Aufruf', 'Aufrufe'],
  'test pair': ['Testpaar', 'Testpaaren'],
  'training row': ['Trainingszeile', 'Trainingszeilen'],
  'long text': ['langer Text', 'lange Texte'],
  'general text': ['allgemeiner Text', 'allgemeine Texte'],
  'more row': ['weitere Zeile', 'weitere Zeilen'],
  question: ['Frage', 'Fragen'],
  item: ['Aufgabe', 'Aufgaben'],
  'more item': ['weitere Aufgabe', 'weitere Aufgaben'],
  'earlier answer': ['frühere Antwort', 'frühere Antworten'],
  warning: ['Warnung', 'Warnungen'],
  'earlier line': ['frühere Zeile', 'frühere Zeilen'],
  'filled row': ['ausgefüllte Zeile', 'ausgefüllte Zeilen'],
  finding: ['Befund', 'Befunde'],
  fix: ['Reparatur', 'Reparaturen'],
  'packed row': ['gepackte Zeile', 'gepackte Zeilen'],
  'running text': ['Fließtext', 'Fließtexte'],
  setting: ['Einstellung', 'Einstellungen'],
  'older draft': ['älterer Entwurf', 'ältere Entwürfe'],
  core: ['Kern', 'Kerne'],
  remark: ['Hinweis', 'Hinweise'],
  like: ['Like', 'Likes'],
  epoch: ['Epoche', 'Epochen'],
  message: ['Nachricht', 'Nachrichten'],
  example: ['Beispiel', 'Beispiele'],
  'long row': ['lange Zeile', 'lange Zeilen'],
  pass: ['Durchgang', 'Durchgänge'],
  hour: ['Stunde', 'Stunden'],
  'usable row': ['brauchbare Zeile', 'brauchbare Zeilen'],
  'unreadable row': ['unlesbare Zeile', 'unlesbare Zeilen'],
  change: ['Änderung', 'Änderungen'],
  download: ['Download', 'Downloads'],
  'micro-batch': ['Micro-Batch', 'Micro-Batches'],
  'different value': ['verschiedenen Wert', 'verschiedene Werte'],
  cell: ['Zelle', 'Zellen'],
  pair: ['Paar', 'Paare'],
  passage: ['Abschnitt', 'Abschnitte'],
  document: ['Dokument', 'Dokumente'],
  'new token': ['neues Token', 'neue Tokens'],
  retry: ['Versuch', 'Versuche'],
  answer: ['Antwort', 'Antworten'],
  'more question': ['weitere Frage', 'weitere Fragen'],
};

export const SENTENCES: Readonly<Record<string, string>> = {
  ...COMPUTER,
  ...APP,
  ...ASSESS,
  ...DATA,
  ...DEVICES,
  ...DOCTOR,
  ...FIGURES,
  ...FILES,
  ...HARDWARE,
  ...HUB,
  ...MODELS,
  ...RUNS,
  ...SETTINGS,
  ...TARGETS,
  ...TRAINING,
};
