/** German: the plan step. */
import type { MemoryPart, RestsOn, TimePart } from '../../../common/api/contract.ts';
import { DEVICE_NAMES } from '../../../common/settings/computing.ts';
import { METHOD_NAMES } from '../../../common/settings/method.ts';
import { smallShare } from '../../../common/settings/phrases.ts';
import {
  about,
  bytes,
  bytesRange,
  count,
  duration,
  energy,
  measure,
  money,
  number,
  percent,
  plural,
} from '../../../common/words/format.ts';
import { said } from '../../../common/words/language.ts';
import {
  CENT,
  type plan as english,
  type ifYouHadWords as englishIfYouHad,
  MINUTE,
} from '../en/wizard-plan.ts';
import type { Translated } from '../page.ts';

const RESTS_ON: Readonly<Record<RestsOn, string>> = {
  formula: 'Geschätzt aus Modell, Zeilen und Einstellungen.',
  benchmark: 'Geschätzt aus der gemessenen Geschwindigkeit dieses Computers.',
  runs: 'Geschätzt und an Ihren früheren Trainings auf diesem Computer korrigiert.',
  probe: 'In drei echten Schritten gemessen.',
};

const TIME_PARTS: Readonly<Record<TimePart, string>> = {
  start: 'Start',
  look: 'Lernraten ausprobieren',
  steps: 'Training',
  evaluation: 'Testzeilen prüfen',
  samples: 'Ihre Testfragen beantworten',
  checkpoints: 'Speichern',
  assessment: 'Vergleich mit dem Basismodell',
};

/** A part of what a model knew, as in English. */
function lostPart(share: number): string {
  return share > 0.85 ? 'das meiste' : `etwa ${percent(Math.round(10 * share) / 10)}`;
}

export const plan: Translated<typeof english> = {
  title: 'Was braucht das Training?',
  name: 'Name des Trainings',
  answer: (method, seconds) =>
    `${said(METHOD_NAMES[method])}${seconds === null ? '' : `, ${about(seconds)}`}`,
  defaultName: (data, model) => `${data} mit ${model}`,
  untitled: 'Neues Training',

  wish: 'Was ist am wichtigsten?',
  wishes: { best: 'Beste Qualität', tonight: 'Fertig bis heute Abend', own: 'Eigene Einstellungen' },
  wishAbout: {
    best: undefined,
    tonight: undefined,
    own: 'Ändern Sie, was Sie möchten. Der Rest passt sich an.',
  },
  wishHours: 'Fertig innerhalb von',
  wishHoursUnit: 'Stunden',

  method: 'Methode',
  methods: {
    full: { title: 'Volles Fine-Tuning', about: 'Trainiert das ganze Modell' },
    lora: { title: 'LoRA', about: 'Trainiert einen kleinen Zusatz' },
    qlora: { title: 'QLoRA', about: 'LoRA, weniger Speicher' },
  },
  recommended: 'Empfohlen',
  nothingFits: 'Keine Methode passt in den freien Speicher dieses Computers.',
  late: 'zu langsam',
  trained: (trained, all) => {
    const share = percent(trained / all, trained / all < 0.1 ? 1 : 0);
    return `Trainiert ${count(trained)} von ${count(all)} Gewichten (${share}).`;
  },
  computing: 'Wird berechnet',
  comparing: 'Der Vergleich wird aktualisiert',
  outdated: 'Diese Zahlen sind von vor Ihrer letzten Änderung.',

  memory: 'Speicher',
  memoryLine: {
    good: (low, high, free) =>
      `Voraussichtlich ${bytesRange(low, high)}, ${bytes(free)} sind frei. Es passt.`,
    warn: (low, high, free) =>
      `Knapp: voraussichtlich ${bytesRange(low, high)}, ${bytes(free)} sind frei. Schließen Sie vorher andere Programme.`,
    bad: (low, high, free) => `Zu groß: braucht ${bytesRange(low, high)}, frei sind ${bytes(free)}.`,
  },
  memoryFixes:
    'Wählen Sie eine passende Methode, ein kleineres Modell oder kürzere Zeilen, oder schließen Sie andere Programme.',
  memoryBar: (method) => `Speicher in der Spitze, ${said(METHOD_NAMES[method])}`,
  cardBar: (name) => `Speicher von ${name}`,
  memoryParts: {
    program: 'Programm',
    weights: 'Gewichte',
    adapters: 'Trainierte Gewichte',
    gradients: 'Gradienten',
    optimizer: 'Optimierer',
    activations: 'Aktivierungen',
    logits: 'Ausgabe und Loss',
    working: 'Arbeitsbereich',
    'mapped-again': 'Doppelt eingeblendet',
  } as Readonly<Record<MemoryPart, string>>,
  basis: ({ restsOn }) => RESTS_ON[restsOn],

  disk: (needed) => `Das erste Training legt ${bytes(needed)} vorbereitete Gewichte auf dem Datenträger ab.`,
  kept: (needed) =>
    `Während des Trainings liegen ${bytes(needed)} auf dem Datenträger: was die eingefrorenen Schichten berechnen.`,
  diskFull: (needed, free) =>
    `Zu wenig Platz auf dem Datenträger: ${bytes(needed)} werden gebraucht, ${bytes(free)} sind frei.`,
  diskFixes: 'Geben Sie Platz frei, oder wählen Sie ein kleineres Modell.',

  time: 'Zeit und Kosten',
  timeShort: 'Zeit',
  timeUnknown: 'Unbekannt, bis die Geschwindigkeit dieses Computers gemessen ist.',
  timeMeasure: 'Jetzt messen (20 s)',
  timeMeasuring: 'Wird gemessen',
  timeLine: (seconds, kwh, cost, currency) => {
    const time = `${about(seconds)} Training`;
    if (kwh === null) return `${time}.`;
    if (cost !== null && cost < CENT) return `${time}, weniger als ${measure(number(CENT, 2), currency)}.`;
    return `${time}, etwa ${cost === null ? energy(kwh) : money(cost, currency)}.`;
  },
  look: (seconds) =>
    `Vor dem Training werden drei Lernraten${seconds === null ? '' : ` ${duration(seconds)} lang`} ausprobiert. Die beste macht weiter.`,
  timeParts: (parts) =>
    parts
      .filter(({ seconds }) => seconds >= 1)
      .map(({ part, seconds }) => `${duration(seconds)} ${TIME_PARTS[part]}`)
      .join(', '),
  timeRange: ({ low, high }) => `Voraussichtlich ${duration(low)} bis ${duration(high)}.`,
  tryOut: 'Drei Schritte probieren',
  trying: 'Drei Schritte werden probiert',
  tryHint: (seconds) =>
    `Rechnet drei echte Schritte und verwirft sie.${seconds === null ? '' : ` Dauert etwa ${duration(seconds)}.`}`,
  rows: (training, test) => `${plural(training, 'training row')}, ${plural(test, 'test row')}`,
  steps: (steps, rows, length) =>
    `${plural(steps, 'step')} zu je ${number(rows)} × ${plural(length, 'token')}`,
  costBasis: (kwh, watts, price, currency) =>
    `${energy(kwh)} Strom bei ${measure(number(watts), 'W')} und ${money(price, currency)} je kWh.`,
  costUnknown: 'Für die Kosten fehlt die Leistung dieses Computers.',
  costSettings: 'Leistung und Preis angeben',

  computeOn: 'Läuft auf',
  fettleChooses: 'Automatisch',
  fettleChoosesNow: (name) => `Automatisch: ${name}`,
  fettleChoosesAbout: 'Das schnellste hier gemessene Gerät mit genug Speicher.',
  deviceName: ({ device, executor, card }) => {
    if (executor === 'tfjs') return card === null ? 'Bibliothek von TensorFlow' : `${card} (TensorFlow.js)`;
    if (executor === 'openvino') return 'Prozessor mit Tempo-Paket';
    return device === 'cpu' ? 'Prozessor' : `${card ?? 'Grafikkarte'} (${DEVICE_NAMES[device]})`;
  },
  measureLead: 'Eine Messung zeigt, was schneller ist.',
  measureLink: 'Grafikkarte messen',
  cardMemory: ({ low, high }, free) =>
    `Voraussichtlich ${bytesRange(low, high)}${free === null ? '' : `, ${bytes(free)} sind frei`}.`,

  forgetting: 'Risiko des Vergessens',
  risks: { low: 'Niedrig', medium: 'Mittel', high: 'Hoch' },
  riskWords: ({ risk, lostShare, isFixedForm }) => {
    if (risk === 'low') return 'Behält voraussichtlich, was es wusste.';
    return isFixedForm
      ? 'Zählt nur, wenn es auch chattet.'
      : `Verliert vielleicht ${lostPart(lostShare)} von dem, was es wusste.`;
  },
  riskBasis: ({ risk, lostShare, isFixedForm }) => {
    const lost =
      risk === 'low'
        ? 'Es behält voraussichtlich, was es wusste.'
        : `Es verliert vielleicht ${lostPart(lostShare)} von dem, was es wusste.`;
    const fixed = isFixedForm
      ? ' Ein Modell, das sortiert, beantwortet auch andere Fragen mit seinen Kategorien.'
      : '';
    return `${lost}${risk === 'low' ? '' : fixed} Geschätzt aus Modellgröße, Lernrate, Schritten und Antworten, gemessen an Modellen mit 4 und 135 Millionen Parametern.`;
  },
  riskAbout: 'Ein Quiz vor und nach dem Training misst, was es wirklich vergessen hat.',
  protect: 'Wissen schützen',
  replay: 'Allgemeine Texte beimischen (Replay)',
  replayHint: 'Ein Zehntel des Trainings sind allgemeine Texte. Dauert etwa ein Zehntel länger.',
  stayClose: 'Nah am Original bleiben',
  stayCloseHint: 'Hält die Gewichte nah an ihrem Anfang. Lernt etwas langsamer.',

  nearest: 'Was passen würde',
  nearestDo: {
    'close-programs': 'Erneut prüfen',
    method: 'Nehmen',
    length: 'Zeilen kürzen',
    'micro-batch': 'Weniger nehmen',
    rank: 'Senken',
    model: 'Modell wählen',
  },

  details: 'Details',
  others: 'Methoden im Vergleich',
  options: 'Weitere Optionen',
  values: 'Gewählte Einstellungen',
  whyOf: (name) => `Warum: ${name}`,
  takeBack: 'Alle Änderungen rückgängig machen',

  cuts: 'Zeilenlänge',
  cutsNow: (longest, limit, lost) =>
    limit >= longest
      ? `Ihre längste Zeile hat ${plural(longest, 'token')}. Nichts wird abgeschnitten.`
      : `Ihre längste Zeile hat ${plural(longest, 'token')}, die Grenze ist ${number(limit)}. ${lost === 0 ? 'Nichts' : smallShare(lost)} vom Lernstoff wird abgeschnitten.`,
  cutsAbout:
    'Eine niedrigere Grenze braucht weniger Speicher und Zeit. Sie schneidet das Ende langer Zeilen ab.',
  cutsCaption: 'Grenzen für die Zeilenlänge und was jede verliert',
  cutColumns: {
    limit: 'Grenze',
    rows: 'Gekürzte Zeilen',
    tokens: 'Verlorene Tokens',
    labelled: 'Verlorener Lernstoff',
  },
  cutLimit: (limit) => plural(limit, 'token'),
  cutRows: ({ rowsCut, rowsCutShare }) =>
    rowsCut === 0 ? 'keine' : `${number(rowsCut)} (${smallShare(rowsCutShare)})`,
  cutShare: (share) => (share === 0 ? 'nichts' : smallShare(share)),
  cutProposed: 'empfohlen',
  cutTexts: (texts) =>
    `${plural(texts, 'long text')} ${texts === 1 ? 'wird' : 'werden'} an der Grenze geteilt, nichts geht verloren.`,
  fromRun: 'Das sind die Einstellungen des Trainings, das Sie wiederholen.',
  yours: (n) => `${plural(n, 'setting')} von Ihnen`,
  settings: 'Alle Einstellungen',
  settingsLead: 'Leere Felder füllt Fettle selbst aus.',
  meaning: (name) => `Was es bedeutet: ${name}`,
  fallback: (value) => `Standard: ${value}`,
  asUsual: 'Standard',
  proposedValue: (value) => `Empfohlen: ${value}`,
  reset: (name) => `Zurücksetzen: ${name}`,
  useNumber: (word) => `Leer lassen für „${word}“`,
  withSpaces: 'Mehrere mit Leerzeichen trennen',

  start: 'Training starten',
  startAt: 'Später starten',
  startAtLabel: 'Uhrzeit',
  startAtHint: 'Lassen Sie Fettle bis dahin geöffnet.',
  startAtButton: (time) => `Um ${time} starten`,
  elsewhere: {
    title: 'Anderswo trainieren',
    near: 'Trainieren Sie auf Ihrem größeren Computer.',
    basisTitle: 'Wie das geschätzt ist',
    target: 'Computer',
    goes: (host) => `Ihre Zeilen gehen an ${host}. Das Ergebnis kommt zurück und wird hier verglichen.`,
    sendModel: 'Modell von hier senden',
    sendModelHint: 'Sonst lädt der andere Computer es herunter, falls er kann.',
    start: (name) => `Auf ${name} starten`,
    none: 'Fügen Sie in den Einstellungen einen größeren Computer hinzu, um dort zu trainieren.',
    settings: 'Einstellungen öffnen',
  },
  missing: { model: 'Wählen Sie zuerst ein Modell.', data: 'Wählen Sie zuerst Daten.' },
  goTo: (name) => `Zu: ${name}`,
};

export const ifYouHadWords: Translated<typeof englishIfYouHad> = {
  title: 'Auf einer gemieteten Karte',
  line: ({ name, fits, memoryBytes, neededBytes, seconds, cost, pricePerHour, currency }) => {
    if (!fits) return `${name}: zu klein. Hat ${bytes(memoryBytes)}, gebraucht werden ${bytes(neededBytes)}.`;
    const price =
      seconds.value < MINUTE
        ? `weniger als ${measure(number(pricePerHour / 60, 2), currency)}`
        : `etwa ${measure(number(cost.value, 2), currency)}`;
    return `${name}: ${about(seconds.value)}, ${price}.`;
  },
  basis: ({ utilisation: { low, high }, waits, pricesFrom }) => {
    const speed = waits
      ? 'Bei einem so kleinen Modell wartet die Karte meist auf Arbeit'
      : `${percent(low)} bis ${percent(high)} des vollen Tempos`;
    return `Geschätzt aus Angaben der Hersteller, nicht gemessen: ${speed}. Die Preise sind Annahmen von ${pricesFrom}.`;
  },
};
