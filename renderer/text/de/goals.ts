/** German: the six goals of the wizard. */
import type { GoalText } from '../page.ts';

export const goals: readonly GoalText[] = [
  {
    id: 'sort',
    title: 'Sortieren und herauslesen',
    short: 'Sortieren und herauslesen',
    about: 'Texte in Kategorien sortieren oder Angaben herauslesen.',
    example: 'Mein Paket ist spät dran → Lieferung',
    rows: 'Jede Zeile ist ein Text mit seiner Kategorie. Gut sind 50 Zeilen je Kategorie.',
    gate: {
      title: 'Nur wenige einfache Kategorien? Fragen Sie zuerst ein Chatmodell.',
      text: 'Viele Modelle sortieren gut, wenn die Kategorien im Prompt stehen.',
      more: 'Training lohnt sich bei eigenen Kategorien, feinen Unterschieden oder Tausenden Texten.',
    },
  },
  {
    id: 'format',
    title: 'Ein Format einhalten',
    short: 'Ein Format einhalten',
    about: 'Immer derselbe Aufbau: JSON, ein Formular, eine Vorlage.',
    example: 'Eine Bestellung als Freitext → dieselben fünf Zeilen',
    rows: 'Jede Zeile ist eine Eingabe mit der Ausgabe genau in Ihrem Format.',
    gate: {
      title: 'Nur gültiges JSON gewünscht? Das geht einfacher.',
      text: 'Die meisten Programme können ein JSON-Schema erzwingen (strukturierte Ausgabe).',
      more: 'Training lohnt sich, wenn der Inhalt schwierig ist oder der Prompt zu lang geworden ist.',
    },
  },
  {
    id: 'style',
    title: 'In meinem Stil antworten',
    short: 'In meinem Stil antworten',
    about: 'Ton und Länge Ihrer eigenen Antworten.',
    example: 'Eine Beschwerde → die ruhige Antwort Ihres Teams',
    rows: 'Jede Zeile ist eine Frage mit Ihrer Antwort. 100 gute Paare zeigen einen Stil, 300 zeigen ihn gut.',
    gate: {
      title: 'Weniger als 50 Beispiele? Probieren Sie sie zuerst im Prompt.',
      text: 'Ein großes Modell übernimmt einen Stil aus fünf bis zehn Beispielen.',
      more: 'Training lohnt sich, wenn Antworten gleich bleiben müssen oder ein kleines eigenes Modell es können soll.',
    },
  },
  {
    id: 'prefer',
    title: 'Bessere Antworten vorziehen',
    short: 'Bessere vorziehen',
    about: 'Antworten von der Art, die Sie vorziehen.',
    example: 'Eine Beschwerde → die freundliche Antwort',
    rows: 'Jede Zeile ist eine Frage mit einer besseren und einer schlechteren Antwort. 100 bis 200 Paare zeigen eine Gewohnheit.',
    gate: {
      title: 'Können Sie die gewünschte Antwort schreiben? Dann trainieren Sie damit.',
      text: 'Beispiele richtiger Antworten zeigen, was zu sagen ist, und brauchen nur eine Antwort je Zeile.',
      more: 'Paare lohnen sich, wenn die bessere Antwort leichter zu erkennen als zu schreiben ist oder eine Gewohnheit verschwinden soll.',
    },
  },
  {
    id: 'character',
    title: 'Als Figur chatten',
    short: 'Als Figur chatten',
    about: 'Eine Figur mit eigener Stimme und Eigenheiten.',
    example: 'Wie geht es dir? → Trocken, bis auf die Stiefel.',
    rows: 'Jede Zeile ist ein Gespräch mit der Figur. 200 Antworten ergeben eine feste Stimme.',
    gate: {
      title: 'Eine Beschreibung im Prompt genügt vielleicht.',
      text: 'Ein großes Modell spielt eine Figur nach einer Seite Text und etwas Dialog.',
      more: 'Training lohnt sich, wenn die Stimme in langen Chats halten soll oder ein kleines Modell sie tragen muss.',
    },
  },
  {
    id: 'knowledge',
    title: 'Meine Dokumente kennen',
    short: 'Meine Dokumente kennen',
    about: 'Antworten zu Handbüchern, Verträgen oder Notizen.',
    example: 'Wie viele Urlaubstage? → Dreißig.',
    rows: 'Jede Zeile ist eine Frage mit ihrer Antwort aus Ihren Dokumenten.',
    gate: {
      title: 'Für Fakten ist eine Dokumentensuche besser.',
      text: 'Die Suche stellt die passende Stelle in den Prompt (RAG) und kann sie zitieren.',
      more: 'Training vermittelt Ton gut und Fakten schlecht: Das Modell vermischt sie und nennt keine Quelle. Neben der Suche hilft es bei Ton und Form.',
    },
  },
  {
    id: 'continue',
    title: 'Meinen Text fortsetzen',
    short: 'Meinen Text fortsetzen',
    about: 'Schreibt in der Art Ihres Textes weiter.',
    example: 'Dreißig Kapitel → der nächste Absatz',
    rows: 'Fließtext ohne Fragen und Antworten, ab einigen Tausend Wörtern.',
    gate: {
      title: 'Nur wenige Seiten? Stellen Sie sie in den Prompt.',
      text: 'Ein Modell mit langem Kontext setzt einige Seiten auch so fort.',
      more: 'Training lohnt sich, wenn Ihr Text länger ist, als ein Prompt fassen kann.',
    },
  },
];
