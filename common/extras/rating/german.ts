/** German: rating answers. */
export const RATING: Readonly<Record<string, string>> = {
  'No prompts were found there.': 'Dort wurden keine Fragen gefunden.',
  'Choose a file with one prompt a line, or with rows.':
    'Wählen Sie eine Datei mit einer Frage je Zeile, oder mit Zeilen.',
  'This pair has been rated in another window.': 'Dieses Paar wurde in einem anderen Fenster bewertet.',
  'Load the page again.': 'Laden Sie die Seite neu.',
  'No pair is rated yet.': 'Noch ist kein Paar bewertet.',
  'Say of a pair which answer is better.': 'Sagen Sie bei einem Paar, welche Antwort besser ist.',
  "These ratings are not here any more, or can't be read.":
    'Diese Bewertungen sind nicht mehr hier oder nicht lesbar.',
  'Choose others, or start again.': 'Wählen Sie andere, oder beginnen Sie von vorn.',
};
