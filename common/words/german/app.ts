/** German: the application, and the menus and dialogs of the desktop app. */
export const APP: Readonly<Record<string, string>> = {
  'There is no such file or folder': 'Diese Datei oder diesen Ordner gibt es nicht',
  "You don't have permission to use this": 'Sie haben hierfür keine Berechtigung',
  'Change its permissions, or choose another place.':
    'Ändern Sie die Berechtigungen, oder wählen Sie einen anderen Ort.',
  'This disk is read-only': 'Dieses Laufwerk ist schreibgeschützt',
  'Choose a folder on another disk.': 'Wählen Sie einen Ordner auf einem anderen Laufwerk.',
  'Another program is using this': 'Ein anderes Programm nutzt dies',
  'Close it and try again.': 'Schließen Sie es, und versuchen Sie es erneut.',
  'This is a folder, not a file': 'Das ist ein Ordner, keine Datei',
  'Choose a file.': 'Wählen Sie eine Datei.',
  'This is a file, not a folder': 'Das ist eine Datei, kein Ordner',
  'Choose another path.': 'Wählen Sie einen anderen Pfad.',
  'Something else is there already': 'Dort ist schon etwas anderes',
  'This link leads back to itself': 'Diese Verknüpfung führt zu sich selbst zurück',
  'Remove the link, or choose another path.':
    'Entfernen Sie die Verknüpfung, oder wählen Sie einen anderen Pfad.',
  'This name is too long for the disk': 'Dieser Name ist zu lang für das Laufwerk',
  'Choose a shorter name.': 'Wählen Sie einen kürzeren Namen.',
  'The disk is full': 'Das Laufwerk ist voll',
  'Free some space, or choose a folder on another disk.':
    'Geben Sie Speicherplatz frei, oder wählen Sie einen Ordner auf einem anderen Laufwerk.',
  'This file is too large for the disk': 'Diese Datei ist zu groß für das Laufwerk',
  'The disk failed': 'Das Laufwerk meldet einen Fehler',
  'Check the disk, and copy what you need to another one.':
    'Prüfen Sie das Laufwerk, und kopieren Sie Wichtiges auf ein anderes.',
  'The system lets Fettle open no more files': 'Das System lässt Fettle keine weiteren Dateien öffnen',
  'Close other programs, or raise the limit for open files.':
    'Schließen Sie andere Programme, oder erhöhen Sie die Grenze für offene Dateien.',
  'The system can start no more programs': 'Das System kann keine weiteren Programme starten',
  'Close other programs and try again.': 'Schließen Sie andere Programme, und versuchen Sie es erneut.',
  'Another program is working in {0} (process {1}).': 'Ein anderes Programm arbeitet in {0} (Prozess {1}).',
  'Wait until it has ended, or stop it.': 'Warten Sie, bis es fertig ist, oder stoppen Sie es.',
  'Hugging Face': 'Hugging Face',
  'You search, look at or download a model or a data set':
    'Sie suchen, betrachten oder laden ein Modell oder einen Datensatz',
  'To fetch it': 'Um es zu holen',
  'Python Package Index': 'Python Package Index',
  'You install a speed pack or the NVIDIA pack': 'Sie installieren ein Tempo-Paket oder das NVIDIA-Paket',
  GitHub: 'GitHub',
  'Once a day, if you allow it': 'Einmal am Tag, wenn Sie es erlauben',
  'To learn the latest version number': 'Um die neueste Versionsnummer zu erfahren',
  'Other computers you add': 'Andere Computer, die Sie eintragen',
  'You test one, or train there': 'Sie testen einen, oder trainieren dort',
  'To send your rows and fetch the result': 'Um Ihre Zeilen zu senden und das Ergebnis zu holen',
  'Addresses you enter': 'Adressen, die Sie eingeben',
  'You add data from a link or train on a cluster at an address, or set a mirror or a proxy':
    'Sie fügen Daten über einen Link hinzu, trainieren auf einem Cluster mit Adresse oder nutzen einen Spiegelserver oder Proxy',
  'To fetch what you ask for': 'Um zu holen, was Sie verlangen',
  'Lesson: trained too hard': 'Lektion: zu stark trainiert',
  'Lesson: LoRA instead': 'Lektion: stattdessen LoRA',
  'Lesson: with replay': 'Lektion: mit allgemeinen Zeilen',
  'Lesson: a lower rate': 'Lektion: kleinere Lernrate',
  'it is damaged': 'sie ist beschädigt',
  'Choose another file or folder.': 'Wählen Sie eine andere Datei oder einen anderen Ordner.',
  "{0} belongs to Fettle or to the system, so it can't be opened here.":
    '{0} gehört zu Fettle oder zum System und lässt sich hier nicht öffnen.',
  'Choose the place again.': 'Wählen Sie den Ort erneut.',
  "You haven't chosen {0} as a place to save to since Fettle started.":
    'Sie haben {0} seit dem Start von Fettle nicht als Speicherort gewählt.',
  'Choose it again.': 'Wählen Sie erneut.',
  '{0} is a link to a file outside its folder.':
    '{0} ist eine Verknüpfung zu einer Datei außerhalb des Ordners.',
  '{0} has another name elsewhere (a hard link), so it may not belong to its folder.':
    '{0} hat anderswo einen zweiten Namen (ein Hardlink) und gehört vielleicht nicht zum Ordner.',
  'Choose the file itself, or put a copy into the folder.':
    'Wählen Sie die Datei selbst, oder legen Sie eine Kopie in den Ordner.',
  "You haven't chosen {0} since Fettle started.": 'Sie haben {0} seit dem Start von Fettle nicht gewählt.',
  'Pause it, or measure when it has ended.': 'Pausieren Sie es, oder messen Sie, wenn es fertig ist.',
  "“{0}” is using the computer (process {1}), so its speed can't be measured.":
    '„{0}“ nutzt gerade den Computer (Prozess {1}); die Geschwindigkeit lässt sich nicht messen.',
  '“{0}” is using the computer, {1}': '„{0}“ nutzt gerade den Computer, {1}',
  'Choose a model of the catalogue, or type its number of parameters.':
    'Wählen Sie ein Modell des Katalogs, oder geben Sie seine Parameterzahl ein.',
  'There is no {0} in the catalogue.': '{0} steht nicht im Katalog.',
  'The test was stopped before its steps were done.': 'Der Test wurde vor seinen Schritten gestoppt.',
  'Pause it, or try when it has ended.': 'Pausieren Sie es, oder versuchen Sie es, wenn es fertig ist.',
  'so the test would not show what its steps take.':
    'der Test würde nicht zeigen, was seine Schritte brauchen.',
  '{0} is there already.': '{0} gibt es schon.',
  'Put them back, or add the model again from where it is now.':
    'Legen Sie sie zurück, oder fügen Sie das Modell von seinem neuen Ort erneut hinzu.',
  'The files of {0} are not at {1} any more.': 'Die Dateien von {0} sind nicht mehr unter {1}.',
  'This model is not on the computer any more.': 'Dieses Modell ist nicht mehr auf dem Computer.',
  'This run has no report.': 'Dieses Training hat keinen Bericht.',
  'Compare the run with the base model to get one.':
    'Vergleichen Sie das Training mit dem Basismodell, um einen zu erhalten.',
  "The settings of this suggestion can't be read from {0}.":
    'Die Einstellungen dieses Vorschlags sind nicht lesbar ({0}).',
  'Compare the run with the base model again.': 'Vergleichen Sie das Training erneut mit dem Basismodell.',
  'Compare it with the base model again.': 'Vergleichen Sie es erneut mit dem Basismodell.',
  'This run has no suggestion “{0}”.': 'Dieses Training hat keinen Vorschlag „{0}“.',
  'Pause or stop it, then delete it.': 'Pausieren oder beenden Sie es, und löschen Sie es dann.',
  '“{0}” is running.': '„{0}“ läuft.',
  '“{0}” is not in the bin.': '„{0}“ ist nicht im Papierkorb.',
  'Delete it first.': 'Löschen Sie es zuerst.',
  "so its speed can't be measured.": 'die Geschwindigkeit lässt sich nicht messen.',
  'Choose another folder.': 'Wählen Sie einen anderen Ordner.',
  "can't be read: {0}": 'ist nicht lesbar: {0}',
  'may not be read by you': 'dürfen Sie nicht lesen',
  'is not a folder': 'ist kein Ordner',
  'is not there': 'gibt es nicht',
  'Look through its folders instead.': 'Durchsuchen Sie stattdessen seine Ordner.',
  "A browser can't show the files of the computer that Fettle runs on.":
    'Ein Browser kann die Dateien des Computers, auf dem Fettle läuft, nicht anzeigen.',
  'This is a bug in Fettle, not your mistake. Details are in {0} under that reference.':
    'Das ist ein Fehler in Fettle, nicht Ihrer. Einzelheiten stehen in {0} unter dieser Kennung.',
  'Something in Fettle went wrong (reference {0}).': 'In Fettle ist etwas schiefgegangen (Kennung {0}).',
  'Enter one such as https://example.org. Plain http works only for a mirror on this computer.':
    'Geben Sie etwa https://example.org ein. Einfaches http geht nur für einen Spiegelserver auf diesem Computer.',
  'The mirror {0} is not an https address.': 'Der Spiegelserver {0} ist keine https-Adresse.',
  'Pause it, or move the data when it has ended.':
    'Pausieren Sie es, oder verschieben Sie die Daten, wenn es fertig ist.',
  '“{0}” is writing to the data folder.': '„{0}“ schreibt gerade in den Datenordner.',
  'in a window': 'in einem Fenster',
  'in a terminal': 'in einem Terminal',
  'Free some space, or move the data folder to another disk.':
    'Geben Sie Speicherplatz frei, oder verschieben Sie den Datenordner auf ein anderes Laufwerk.',
  "The file is too large for the data folder's disk: at most {0} fit.":
    'Die Datei ist zu groß für das Laufwerk des Datenordners: Höchstens {0} passen.',
  'The file has no name.': 'Die Datei hat keinen Namen.',
  "The secrets in {0} can't be read: {1}.": 'Die Geheimnisse in {0} sind nicht lesbar: {1}.',
  'Delete this file, and enter the Hub token again in Settings.':
    'Löschen Sie diese Datei, und geben Sie den Hugging-Face-Zugangsschlüssel in den Einstellungen erneut ein.',
  'Copy the path, and open it there: {0}': 'Kopieren Sie den Pfad, und öffnen Sie ihn dort: {0}',
  "A browser can't open the file manager of the computer that Fettle runs on.":
    'Ein Browser kann den Dateimanager des Computers, auf dem Fettle läuft, nicht öffnen.',
  'Enter the Hub token again in Settings.':
    'Geben Sie den Hugging-Face-Zugangsschlüssel in den Einstellungen erneut ein.',
  "Your saved token can't be decrypted: it belongs to another user or computer.":
    'Ihr gespeicherter Zugangsschlüssel lässt sich nicht entschlüsseln: Er gehört zu einem anderen Nutzer oder Computer.',
  'It was moved or deleted outside Fettle.': 'Sie wurde außerhalb von Fettle verschoben oder gelöscht.',
  '{0} is not there any more.': '{0} ist nicht mehr da.',
  'Copy it, and decide for yourself.': 'Kopieren Sie sie, und entscheiden Sie selbst.',
  'Only addresses that begin with https:// open in a browser. This one is {0}':
    'Nur Adressen mit https:// öffnen sich im Browser. Diese ist {0}',
  "Port {0} can't be used{1}.": 'Port {0} lässt sich nicht nutzen{1}.',
  'Choose another port, or 0 for any free one.':
    'Wählen Sie einen anderen Port, oder 0 für irgendeinen freien.',
  '{0} would let every web page use the model.': 'Mit {0} könnte jede Webseite das Modell nutzen.',
  'Name the pages, such as http://localhost:3000, or all of an editor: vscode-webview://*.':
    'Nennen Sie die Seiten, etwa http://localhost:3000, oder alle eines Editors: vscode-webview://*.',
  'Checking the scores on test rows': 'Werte werden auf Testzeilen geprüft',
  'Sorting the rows': 'Zeilen werden sortiert',
  'This conversation is not here any more.': 'Dieses Gespräch gibt es nicht mehr.',
  'Begin a new one.': 'Beginnen Sie ein neues.',
  'Only adapters can be combined, and one of these runs trained the whole model.':
    'Nur Adapter lassen sich verbinden, und eines dieser Trainings hat das ganze Modell trainiert.',
  'Choose two runs with LoRA or QLoRA.': 'Wählen Sie zwei Trainings mit LoRA oder QLoRA.',
  File: 'Datei',
  'New run': 'Neues Training',
  History: 'Verlauf',
  Models: 'Modelle',
  Learn: 'Lernen',
  'Settings…': 'Einstellungen …',
  'Show the data folder': 'Datenordner anzeigen',
  Edit: 'Bearbeiten',
  View: 'Ansicht',
  Go: 'Gehe zu',
  Window: 'Fenster',
  Help: 'Hilfe',
  'Quit Fettle': 'Fettle beenden',
  'About Fettle': 'Über Fettle',
  'Open Fettle': 'Fettle öffnen',
  'Fettle: {0}% done': 'Fettle: {0} % fertig',
  'A job is still running': 'Ein Auftrag läuft noch',
  '“{0}” is still running. What do you want to do?': '„{0}“ läuft noch. Was möchten Sie tun?',
  'One more job is waiting.': 'Ein weiterer Auftrag wartet.',
  '{0} more jobs are waiting.': '{0} weitere Aufträge warten.',
  'In the background, it runs without a window. If you pause it, you can resume it at any time. If you stop it, what it has saved stays in the history.':
    'Im Hintergrund läuft er ohne Fenster weiter. Pausiert lässt er sich jederzeit fortsetzen. Beendet bleibt im Verlauf, was er gesichert hat.',
  'Keep running': 'Weiterlaufen lassen',
  'Pause and close': 'Pausieren und schließen',
  'Stop and close': 'Beenden und schließen',
  Cancel: 'Abbrechen',
  'This window stopped working twice in a row.': 'Dieses Fenster ist zweimal nacheinander ausgefallen.',
  'Running jobs continue. If other programs use all the memory, close some first.':
    'Laufende Aufträge gehen weiter. Wenn andere Programme den Speicher füllen, schließen Sie zuerst einige davon.',
  Reload: 'Neu laden',
  'Fettle could not start': 'Fettle konnte nicht starten',
  'Use that one, or close it first.': 'Nutzen Sie dieses oder schließen Sie es zuerst.',
  'Something in Fettle went wrong (reference {0}).\nDetails are in {1}.':
    'In Fettle ist ein Fehler aufgetreten (Kennung {0}).\nEinzelheiten stehen in {1}.',
  'GGUF models': 'GGUF-Modelle',
  'All files': 'Alle Dateien',
};
