/** German: the first page and the tour. */

import type { welcome as english } from '../en/welcome.ts';
import type { Translated } from '../page.ts';

export const welcome: Translated<typeof english> = {
  title: 'Willkommen bei Fettle',
  lead: 'Bringen Sie einem Sprachmodell Ihre eigenen Beispiele bei, auf Ihrem eigenen Computer.',
  try: 'In 2 Minuten ausprobieren',
  tryAbout:
    'Ein kleines Übungsmodell lernt, Nachrichten an einen Shop zu sortieren. Sie sehen zu und danach, was es gelernt hat.',
  own: 'Modell mit meinen Daten trainieren',
  ownAbout: 'Schritt für Schritt von Ihrer Datei zu Ihrem Modell. Nichts verlässt diesen Computer.',
  example: 'Was es lernt',
  exampleMessage: 'My kettle arrived with a crack in the lid.',
  exampleAnswer: 'Schaden, nicht dringend',
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
    use: { title: 'Nutzen', about: 'Chatten oder für andere Apps speichern.' },
  },
};
