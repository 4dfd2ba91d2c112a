/** German: the pages "What fine-tuning is" and "Ways to teach", and the frame of the learning pages. */

import type { learnText as english } from '../../en/learn/learn.ts';
import type { LearnPage, Translated } from '../../page.ts';
import { forgetting } from './forgetting.ts';
import { lora } from './lora.ts';
import { memory } from './memory.ts';
import { reading } from './reading.ts';
import { time } from './time.ts';

const fineTuning: LearnPage = {
  id: 'fine-tuning',
  title: 'Was Fine-Tuning ist',
  lead: 'Sie trainieren ein fertiges Modell mit eigenen Beispielen ein wenig weiter, bis es Ihre Aufgabe besser löst.',
  sections: [
    {
      title: 'Ein Modell setzt Text fort',
      paragraphs: [
        'Ein [[Modell|Sprachmodell]] liest einen Text und sagt, wie wahrscheinlich jedes nächste [[Token]] ist. Mehr tut es nicht. Es beantwortet Fragen, weil in seinen Trainingstexten Fragen beantwortet wurden.',
        'Sein Wissen steckt in seinen [[Parametern]]: Millionen oder Milliarden Zahlen. Das [[Vortraining]] hat sie eingestellt: mit vielen Computern, über Wochen oder Monate, an mehr Text, als ein Mensch lesen könnte.',
      ],
    },
    {
      title: 'Zwei Trainings',
      paragraphs: [
        'Fine-Tuning ist dasselbe Training noch einmal, nur kurz und mit [[Aufgabendaten]]: Zeilen, die zeigen, was Sie wollen. Die Sprache kann das Modell schon, deshalb genügen oft einige Hundert gute Zeilen. Das nennt man [[Transfer]].',
      ],
      figure: 'picture-stages',
      after: [
        'Das Modell liest eine Zeile und vergleicht seine Antwort mit Ihrer. Der [[Loss]] sagt, wie weit es danebenlag. Der [[Gradient]] sagt, wohin sich jede Zahl bewegen muss, damit der Loss sinkt, und der [[Optimierer]] bewegt alle ein kleines Stück. Das ist ein [[Schritt]].',
        'Nach einigen Hundert Schritten antwortet das Modell oft so wie Ihre Zeilen. Ob das stimmt, zeigen nur Zeilen, die es nicht kennt.',
      ],
    },
    {
      title: 'Wozu es gut ist',
      paragraphs: ['Fine-Tuning lehrt eine Art zu antworten.'],
      points: [
        'Einen Ton oder einen Schreibstil, der Ihrer ist.',
        'Eine Form: immer JSON mit denselben Feldern, immer drei Sätze.',
        'Das Sortieren in Ihre eigenen [[Kategorien]].',
        'Eine Figur oder eine Rolle in einem Gespräch.',
        'Mit einem kleinen Modell zu schaffen, was sonst ein großes und einen langen [[Prompt]] braucht.',
      ],
    },
    {
      title: 'Was es nicht ist',
      paragraphs: [
        'Es ist keine Bibliothek. Fakten aus wenigen Zeilen lernt ein Modell schlecht und bringt sie durcheinander. Nachschlagen oder ändern lassen sie sich danach nicht.',
      ],
      points: [
        'Für Antworten aus Dokumenten nehmen Sie die [[Dokumentensuche]]. Sie findet die Stelle, zeigt sie dem Modell und stimmt auch noch, wenn sich ein Dokument ändert.',
        'Was ein Satz sagen kann, sagen Sie per [[Prompting]], mit [[wenige Beispiele|ein paar Beispielen]]. Genau damit vergleicht das [[Urteil]] Ihr trainiertes Modell.',
        'Ist das Modell zu klein für die Aufgabe, wählen Sie ein größeres. Fine-Tuning bringt hervor, was da ist, und fügt wenig hinzu.',
      ],
    },
    {
      title: 'Was schiefgehen kann',
      paragraphs: [
        'Ein Modell kann seine Zeilen auswendig lernen ([[Overfitting]]). Darum behält Fettle einige als [[Testzeilen]], die nur messen. Ein Modell kann auch verlieren, was es vorher konnte ([[Vergessen]]). Fettle misst beides am Ende jedes Trainings, und gegen beides gibt es Mittel.',
      ],
    },
  ],
};

const ways: LearnPage = {
  id: 'ways',
  title: 'Wie man etwas beibringt',
  lead: 'Zeigen Sie die richtige Antwort, wo Sie sie schreiben können; vergleichen Sie Antworten, wo Sie sie nur erkennen.',
  sections: [
    {
      title: 'Richtige Antworten',
      paragraphs: [
        'Jede Zeile ist eine Frage mit der gewünschten Antwort. Das Modell lernt, diese Antwort wahrscheinlich zu finden, Token für Token. Das passt zu den meisten Aufgaben: Stil, Format, Kategorien, Gespräche. Beginnen Sie damit.',
      ],
    },
    {
      title: 'Bessere und schlechtere Antworten',
      paragraphs: [
        'Jede Zeile ist eine Frage mit zwei Antworten, und Sie sagen, welche besser ist. Das Training macht die bessere wahrscheinlicher als die schlechtere. Dabei wird das Modell auch mit sich selbst vor dem Training verglichen, damit es in seiner Nähe bleibt. Das heißt [[aus Präferenzen lernen|Lernen aus Präferenzen]].',
      ],
      points: [
        'Es passt zu Gewohnheiten, die man leichter erkennt als schreibt: höflicher, kürzer, ehrlicher.',
        'Beide Antworten sollten solche sein, die das Modell geben könnte. Aus einer schlechteren, die es nie schriebe, lernt es wenig.',
        'Achten Sie auf ähnliche Längen. Sind die besseren Antworten meist länger, lernt das Modell, lang zu schreiben.',
        '100 bis 200 Paare ändern eine Gewohnheit. Auch einzelne Antworten mit Daumen hoch oder runter genügen, es braucht nur mehr davon.',
      ],
      after: [
        'Das Urteil zählt, wie oft das Modell bei neuen Paaren die bessere Antwort vorzieht. Vor dem Training ist das etwa die Hälfte.',
      ],
    },
    {
      title: 'Aufrufe von Werkzeugen',
      paragraphs: [
        'Jede Zeile ist eine Frage, dazu die Werkzeuge, die ein Programm anbietet, und der passende Aufruf. Das Modell schreibt den Aufruf, das Programm führt ihn aus und gibt das Ergebnis zurück. Ergebnisse bekommt das Modell gezeigt, gelernt werden sie nie.',
        'Zeigen Sie auch, wann kein Werkzeug nötig ist, und nicht nur, wie man eines aufruft.',
      ],
    },
    {
      title: 'Erst denken, dann antworten',
      paragraphs: [
        'Manche Modelle schreiben ihre Gedanken auf, bevor sie antworten. Zeilen mit Gedanken lehren eine Denkweise; Zeilen ohne können sie abgewöhnen. Bewertet wird nur die Antwort, denn nur sie nutzt man.',
      ],
    },
    {
      title: 'Kategorien mit Sicherheit',
      paragraphs: [
        'Ein Modell, das sortiert, kann auch sagen, wie sicher es ist. Fettle vergleicht die Wahrscheinlichkeiten Ihrer [[Kategorien]] und passt sie an [[Testzeilen]] an, bis „zu 80 % sicher“ in 80 % der Fälle richtig heißt. Was unsicherer ist als Ihre Grenze, geht an einen Menschen.',
      ],
    },
  ],
  sources: [
    'DPO: R. Rafailov u. a., „Direct Preference Optimization: Your Language Model is Secretly a Reward Model“, 2023 (arXiv 2305.18290).',
    'KTO, einzelne bewertete Antworten: K. Ethayarajh u. a., „KTO: Model Alignment as Prospect Theoretic Optimization“, 2024 (arXiv 2402.01306).',
    'Länge: R. Park u. a., „Disentangling Length from Quality in Direct Preference Optimization“, 2024 (arXiv 2403.19159).',
    'Sicherheit: C. Guo u. a., „On Calibration of Modern Neural Networks“, 2017 (arXiv 1706.04599).',
  ],
};

export const learnPages: readonly LearnPage[] = [fineTuning, ways, reading, memory, time, forgetting, lora];

export const learnText: Translated<typeof english> = {
  title: 'Lernen',
  lead: 'Was in einem Training geschieht, auf kurzen Seiten. An Mathematik genügt das Malnehmen.',
  pages: 'Seiten',
  sources: 'Quellen',
  glossary: {
    id: 'glossary',
    title: 'Glossar',
    lead: 'Jedes Fachwort in Fettle.',
    filter: 'Wort suchen',
    nothing: 'Kein solches Wort. Versuchen Sie einen anderen Namen dafür.',
    also: (names) => `Auch: ${names.join(', ')}`,
    meaning: (word) => `Was das bedeutet: ${word}`,
  },
  next: (title) => `Weiter: ${title}`,
  notFound: 'Diese Seite gibt es nicht. Wählen Sie eine aus der Liste.',
};
