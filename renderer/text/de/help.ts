/** German: the first page with the tour, help, and what is new. */
import type { help as englishHelp, welcome as englishWelcome } from '../en/help.ts';
import type { Translated } from '../page.ts';

export const welcome: Translated<typeof englishWelcome> = {
  title: 'Willkommen bei Fettle',
  lead: 'Trainieren Sie ein Sprachmodell mit eigenen Beispielen, auf dem eigenen Computer.',
  try: 'In 2 Minuten ausprobieren',
  tryAbout:
    'Ein winziges Übungsmodell lernt, welche Stelle eines erfundenen Shops eine Nachricht bekommt. Es zeigt den ganzen Weg, nicht, was größere Modelle können.',
  own: 'Modell mit meinen Daten trainieren',
  ownAbout: 'Schritt für Schritt von Ihrer Datei zu Ihrem Modell. Nichts verlässt diesen Computer.',
  example: 'Was es lernt',
  exampleMessage: 'Mein Wasserkocher kam mit einem Riss im Deckel an.',
  exampleAnswer: 'Stelle R17, Klasse C',
  exampleNote:
    'R17 ist für Beschädigtes da, C kann warten. Solche Kürzel kennt vorher kein Modell. Das Übungsmodell kann nur Englisch: Beim Ausprobieren sehen Sie englische Nachrichten.',
  checking: 'Zuerst wird Ihr Computer geprüft',
  starting: 'Das Training beginnt',
  skip: 'Prüfung überspringen',
  tour: 'Rundgang ansehen',
  tourDone: 'Verstanden',
  tourTitle: 'In vier Schritten zum eigenen Modell',
  stops: {
    choose: { title: 'Auswählen', about: 'Ziel, Modell und Ihre Beispiele wählen.' },
    train: { title: 'Trainieren', about: 'Speicher und Zeit sehen, dann starten.' },
    see: { title: 'Ansehen', about: 'Antworten vorher und nachher vergleichen.' },
    use: { title: 'Benutzen', about: 'Chatten oder für andere Apps speichern.' },
  },
};

export const help: Translated<typeof englishHelp> = {
  title: 'Hilfe',
  lead: 'Kurze Antworten auf häufige Fragen.',
  questions: [
    {
      question: 'Was brauche ich?',
      answer: 'Diesen Computer und eigene Beispiele. Kein Konto und keine Programmierkenntnisse.',
    },
    {
      question: 'Verlassen meine Daten diesen Computer?',
      answer:
        'Nein, außer Sie trainieren auf einem anderen Computer. Fettle geht nur online, wenn Sie etwas anfordern.',
    },
    {
      question: 'Wie viele Beispiele brauche ich?',
      answer: 'Beginnen Sie mit 50 guten. Einige Hundert geben meist ein klareres Ergebnis.',
    },
    {
      question: 'Wie lange dauert es?',
      answer: 'Minuten bis Stunden. Der Plan zeigt die Dauer vor dem Start.',
    },
    {
      question: 'Kann ich pausieren?',
      answer: 'Ja. Sie können Fettle auch schließen und später fortsetzen. Das Ergebnis bleibt gleich.',
    },
    {
      question: 'Es hat nicht gelernt. Was nun?',
      answer: 'Das Ergebnis schlägt Änderungen vor. Am meisten helfen sauberere oder mehr Beispiele.',
    },
    {
      question: 'Wie nutze ich mein Modell woanders?',
      answer:
        'Öffnen Sie das Training, wählen Sie „Benutzen“ und speichern Sie das Modell für Ollama oder LM Studio.',
    },
  ],
  more: 'Mehr erfahren',
  tour: 'Rundgang ansehen',
  learn: 'Lernen, wie es funktioniert',
  glossary: 'Begriff nachschlagen',
  docs: 'Dokumentation lesen',
  report: {
    title: 'Problem melden',
    about: 'Kopieren Sie die Details und ergänzen Sie, was Sie getan haben und was geschah.',
    copy: 'Details kopieren',
    open: 'Auf GitHub melden',
  },
  news: {
    title: 'Neuigkeiten',
    lead: 'Änderungen in jeder Version.',
    unreleased: 'Nächste Version',
    version: (version, date) => `Version ${version}, ${date}`,
    kinds: {
      Added: 'Neu',
      Changed: 'Geändert',
      Fixed: 'Behoben',
      Removed: 'Entfernt',
      Deprecated: 'Entfällt bald',
      Security: 'Sicherheit',
    },
    language: 'Die Liste der Änderungen gibt es nur auf Englisch.',
  },
  updates: {
    ask: 'Ab und zu nach neuen Versionen suchen? Fettle fragt GitHub nach der neuesten Versionsnummer und sendet sonst nichts.',
    yes: 'Suchen',
    no: 'Nicht suchen',
    newer: (version) => `Fettle ${version} ist verfügbar.`,
    see: 'Neuigkeiten ansehen',
    later: 'Später',
  },
};
