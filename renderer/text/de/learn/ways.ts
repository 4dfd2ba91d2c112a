/** German: the page about what rows can show. */
import type { LearnPage } from '../../page.ts';

export const ways: LearnPage = {
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
