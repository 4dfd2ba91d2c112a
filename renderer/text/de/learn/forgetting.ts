/** German: the page about forgetting, and the words of its experiment. */
import { number, percent, plural, rateText } from '../../../../common/words/format.ts';
import { type forgettingWords as english, MUCH } from '../../en/learn/forgetting.ts';
import type { LearnPage, Translated } from '../../page.ts';

export const forgetting: LearnPage = {
  id: 'forgetting',
  title: 'Vergessen',
  lead: 'Was ein Modell Ihrer Aufgabe näher bringt, entfernt es von anderem. Sehen Sie zu, wie das geschieht, und verhindern Sie es.',
  sections: [
    {
      title: 'Warum ein Modell vergisst',
      paragraphs: [
        'Ein Modell hat all sein Wissen in denselben [[Gewichten]], und das Training fragt nur, ob Ihre Zeilen besser werden. Mit vielen Schritten, hoher [[Lernrate]] und wenigen Arten von Zeilen lernt es das eine und verlernt das andere. Im Übermaß heißt das [[katastrophales Vergessen]].',
        'Der [[Loss]] Ihrer Zeilen kann das nicht zeigen, denn er wird immer nur besser. Darum stellt Fettle vorher und nachher ein Quiz zu anderen Dingen.',
      ],
    },
    {
      title: 'Ein Experiment',
      paragraphs: [
        'Das [[Übungsmodell]] kennt eine kleine erfundene Welt, und ein Quiz fragt danach. Trainieren Sie es zu hart auf etwas anderes, das Verteilen von Kundennachrichten nach den Kürzeln eines Shops, und beobachten Sie das Quiz. Probieren Sie dann drei Gegenmittel, bei denen je eines geändert ist. Das Modell kann nur Englisch, darum sind Nachrichten und Quiz englisch.',
        'Es sind echte Trainings auf Ihrem Computer, je eine halbe Minute, wenn er sonst wenig zu tun hat. Sie warten wie alle in der Schlange und lassen sich dort abbrechen. Im Verlauf tragen sie den Tag „lesson“.',
      ],
      figure: 'experiment',
    },
    {
      title: 'Was hilft',
      paragraphs: ['Umsonst ist nichts davon: Alles tauscht etwas Lernen gegen etwas Behalten.'],
      points: [
        'Eine kleinere Lernrate: Kleinere Schritte stören weniger.',
        'Weniger [[Epochen]] oder [[Early Stopping]]: Das meiste wird erst vergessen, wenn die Zeilen schon gelernt sind.',
        '[[Replay]]: Allgemeine Zeilen unter Ihren, 10 bis 30 %, halten altes Wissen in Gebrauch. Eine viel zu hohe Lernrate machen sie nicht wett.',
        '[[LoRA]]: Die Gewichte bleiben eingefroren, und der kleine [[Adapter]] kann weniger überschreiben. Ein sehr kleines Modell vergisst bei hoher Lernrate trotzdem.',
        '[[Nah am Original bleiben]]: Jeder Schritt zieht die Gewichte zu ihrem Anfang zurück.',
        'Eine [[Mischung]], die gar kein Training braucht. Siehe unten.',
      ],
    },
    {
      title: 'Den halben Weg zurück',
      paragraphs: [
        'Eine [[Mischung]] holt etwas vom Alten zurück und gibt dafür etwas vom Neuen her. Das Training bewegt die Gewichte, und jeder Punkt auf dem Weg ist auch ein Modell: das Basismodell plus ein Teil der Änderung. Wie gut das gelingt, ist von Training zu Training verschieden. Fettle mischt in Sekunden, als eigenen Eintrag im Verlauf, und prüft das Ergebnis.',
        'Die Demo des [[Übungsmodell|Übungsmodells]], die allgemeine Zeilen beimischt, vergisst nichts Messbares, darum kostet eine Mischung dort nur: Es weiß 83 % der Antworten, und alles, was es schreibt, hat die Form. Mit 0,7 der Änderung weiß es 81 %, und 16 % seiner Antworten verlieren die Form.',
        'Zu hart trainiert, wie oben, wusste das Modell 74 % der Antworten und 0 % des Quiz (90 % vor dem Training). Die Hälfte dieser Änderung ergab 77 und 20 %, 0,3 davon 79 und 80 %: in beidem besser.',
      ],
    },
  ],
  sources: [
    'Der Effekt: M. McCloskey und N. Cohen, „Catastrophic Interference in Connectionist Networks“, 1989.',
    'Gewichte zurückziehen, wie Fettle es tut: X. Li, Y. Grandvalet und F. Davoine, „Explicit Inductive Bias for Transfer Learning with Convolutional Networks“, 2018 (arXiv 1802.01483).',
    'Die wichtigsten Gewichte zurückziehen: J. Kirkpatrick u. a., „Overcoming catastrophic forgetting in neural networks“, 2017 (arXiv 1612.00796).',
    'Gewichte dazwischen: M. Wortsman u. a., „Robust fine-tuning of zero-shot models“, 2022 (arXiv 2109.01903).',
    'LoRA: D. Biderman u. a., „LoRA Learns Less and Forgets Less“, 2024 (arXiv 2405.09673).',
  ],
};

export const forgettingWords: Translated<typeof english> = {
  variants: {
    'too-hard': {
      title: 'Zu hart',
      about: 'Alle Gewichte, mit der zehnfachen Lernrate, die diesem Modell guttut.',
    },
    lora: {
      title: 'Mit LoRA',
      about: 'Gleiche Lernrate und Epochen, aber nur Adapter werden trainiert.',
    },
    replay: { title: 'Mit Replay', about: 'Ebenso hart, mit allgemeinen Zeilen gemischt.' },
    'lower-rate': { title: 'Kleinere Lernrate', about: 'Alle Gewichte, mit einem Zehntel der Lernrate.' },
  },
  settings: ({ method, learningRate, epochs, replay }) =>
    [
      method === 'full' ? 'alle Gewichte' : 'LoRA',
      `Lernrate ${rateText(learningRate)}`,
      plural(epochs, 'epoch'),
      ...(replay > 0 ? [`${percent(replay)} Replay`] : []),
    ].join(', '),
  start: 'Zu hart trainieren',
  startOthers: 'Drei Gegenmittel probieren',
  again: 'Alle vier neu trainieren',
  loading: 'Frühere Experimente werden geladen',
  waiting: 'Wartet in der Schlange',
  training: 'Trainiert',
  state: {
    waiting: 'Wartet in der Schlange.',
    running: 'Trainiert.',
    paused: 'Pausiert. Fortsetzen können Sie es auf seiner Seite.',
    done: 'Fertig.',
    'stopped-early': 'Vorzeitig beendet.',
    stopped: 'Abgebrochen.',
    failed: 'Fehlgeschlagen. Der Grund steht auf seiner Seite.',
    interrupted: 'Unterbrochen. Fortsetzen können Sie es auf seiner Seite.',
  },
  notAssessed: 'Trainiert, aber nicht geprüft. Das geht auf seiner Seite.',
  notYet: 'Noch nicht probiert.',
  cancel: 'Abbrechen',
  open: 'Training öffnen',
  quiz: 'Quiz über seine Welt',
  task: 'Richtig sortierte Nachrichten',
  before: 'vorher',
  after: 'nachher',
  bar: (name, before, after) => `${name}: ${percent(before)} vorher, ${percent(after)} nachher`,
  lost: (points) =>
    points >= 0.5
      ? `${number(points)} Punkte im Quiz verloren`
      : points <= -0.5
        ? `${number(-points)} Punkte im Quiz gewonnen`
        : 'nichts im Quiz verloren',
  asked: (items, rows) =>
    `Aus den Bewertungen dieser Trainings: ${number(items)} Quizfragen und ${plural(rows, 'message')}, die das Modell nicht kannte.`,
  broke: (question, before, after) =>
    `Zum Beispiel sagte es auf die Frage „${question}“ vorher „${before}“ und nachher „${after}“.`,
  conclusion: {
    none: 'Drücken Sie zum Start den Knopf.',
    hard: ({ quizBefore, quizAfter, taskAfter }) => {
      const figures = `Das Quiz fiel von ${percent(quizBefore)} auf ${percent(quizAfter)}, und ${percent(taskAfter)} der Nachrichten sind richtig sortiert.`;
      return quizBefore - quizAfter >= MUCH
        ? `Dafür hat es viel vergessen. ${figures} Probieren Sie jetzt die Gegenmittel.`
        : `Diesmal hat es wenig vergessen. ${figures} Sehen Sie, was die Gegenmittel ändern.`;
    },
    best: (title, lost, hardLost) =>
      `„${title}“ hat am meisten behalten: Es verlor ${number(Math.max(0, lost))} Punkte, das zu harte Training ${number(Math.max(0, hardLost))}.`,
  },
};
