/** German: files, and the store. */
export const FILES: Readonly<Record<string, string>> = {
  '{0} has no header row. Its columns are called {1}.': '{0} hat keine Kopfzeile. Die Spalten heißen {1}.',
  'Close the quote, or write quotes inside a cell twice ("").':
    'Schließen Sie das Anführungszeichen, oder schreiben Sie es in einer Zelle doppelt ("").',
  'A quote is not closed: {0}': 'Ein Anführungszeichen ist nicht geschlossen: {0}',
  'Write quotes inside a cell twice (""), and put such a cell in quotes.':
    'Schreiben Sie Anführungszeichen in einer Zelle doppelt ("") und die Zelle in Anführungszeichen.',
  'A quote is in the middle of a cell: {0}': 'Ein Anführungszeichen steht mitten in einer Zelle: {0}',
  'The row has {0}, but the table has {1} columns: {2}':
    'Die Zeile hat {0}, die Tabelle aber {1} Spalten: {2}',
  'Put cells that contain the separator in quotes.':
    'Setzen Sie Zellen mit Trennzeichen in Anführungszeichen.',
  'Check that its quotes are closed.': 'Prüfen Sie, ob die Anführungszeichen geschlossen sind.',
  'The line is longer than 64 MB.': 'Die Zeile ist länger als 64 MB.',
  'The line is not UTF-8 text: {0}': 'Die Zeile ist kein UTF-8-Text: {0}',
  'The line has characters that no text has.': 'Die Zeile hat Zeichen, die kein Text hat.',
  'Part of the file is damaged. Save it again.':
    'Ein Teil der Datei ist beschädigt. Speichern Sie sie erneut.',
  '{0} is read as {1}, because {2}. If letters look wrong, save the file as UTF-8.':
    '{0} wird als {1} gelesen, denn {2}. Wenn Buchstaben falsch aussehen, speichern Sie die Datei als UTF-8.',
  'its first bytes say so': 'die ersten Bytes sagen es so',
  'every other byte is 0': 'jedes zweite Byte ist 0',
  'it is not UTF-8 (for example “{0}”)': 'sie ist nicht UTF-8 (etwa „{0}“)',
  'The rows of {0} are its list “{1}”.': 'Die Zeilen von {0} sind die Liste „{1}“.',
  'The rows of {0} are its list “{1}”. Not read: {2}.':
    'Die Zeilen von {0} sind die Liste „{1}“. Nicht gelesen: {2}.',
  'The JSON text ends too early.': 'Der JSON-Text endet zu früh.',
  'The JSON text has a mistake ({0}).': 'Der JSON-Text hat einen Fehler ({0}).',
  'It was probably not copied completely. Copy or download it again.':
    'Wahrscheinlich wurde sie nicht vollständig kopiert. Kopieren oder laden Sie sie erneut.',
  'Check quotes, commas and brackets there.': 'Prüfen Sie dort Anführungszeichen, Kommas und Klammern.',
  '{0}: The row is larger than {1} MB.': '{0}: Die Zeile ist größer als {1} MB.',
  'Check the brackets of the list.': 'Prüfen Sie die Klammern der Liste.',
  'The line is not one JSON object: {0}': 'Die Zeile ist kein JSON-Objekt: {0}',
  'Each line needs one complete JSON object, such as {0}.':
    'Jede Zeile braucht ein vollständiges JSON-Objekt, etwa {0}.',
  'Put each paragraph on a line of its own.': 'Schreiben Sie jeden Absatz in eine eigene Zeile.',
  '{0} is {1} inside, and is read as that.': '{0} ist dem Inhalt nach {1} und wird so gelesen.',
  '{0} is {1}. Fettle reads {2}.': '{0} ist {1}. Fettle liest {2}.',
  'JSON Lines, JSON, CSV, TSV, Parquet, Excel (.xlsx), text and Markdown, also as .gz':
    'JSON Lines, JSON, CSV, TSV, Parquet, Excel (.xlsx), Text und Markdown, auch als .gz',
  'JSON Lines': 'JSON Lines',
  JSON: 'JSON',
  Parquet: 'Parquet',
  Markdown: 'Markdown',
  'a table with separated cells (CSV)': 'eine Tabelle mit Trennzeichen (CSV)',
  'an Excel workbook': 'eine Excel-Arbeitsmappe',
  'plain text': 'reiner Text',
  'Choose “From documents”: a model on your computer makes rows of it.':
    'Wählen Sie „Aus Dokumenten“: Ein Modell auf Ihrem Computer macht daraus Zeilen.',
  'Copy its text into a .txt or .md file, or its tables into a .csv or .xlsx file.':
    'Kopieren Sie den Text in eine .txt- oder .md-Datei, Tabellen in eine .csv- oder .xlsx-Datei.',
  'Unpack it first, and choose the files inside.':
    'Entpacken Sie sie zuerst, und wählen Sie die Dateien darin.',
  'Open it in a spreadsheet program and save it as .xlsx or as CSV.':
    'Öffnen Sie sie in einer Tabellenkalkulation, und speichern Sie sie als .xlsx oder CSV.',
  'Fettle trains on text. Choose a file with the text itself.':
    'Fettle trainiert auf Text. Wählen Sie eine Datei mit dem Text selbst.',
  'Export the table as CSV.': 'Exportieren Sie die Tabelle als CSV.',
  'Save it as Parquet or as JSON Lines.': 'Speichern Sie sie als Parquet oder JSON Lines.',
  'Save the rows as CSV or JSON Lines.': 'Speichern Sie die Zeilen als CSV oder JSON Lines.',
  'Choose the file with the rows. Models belong to the model step.':
    'Wählen Sie die Datei mit den Zeilen. Modelle gehören in den Schritt „Modell“.',
  'Check that this is the file you meant.': 'Prüfen Sie, ob dies die richtige Datei ist.',
  'a PDF document': 'ein PDF-Dokument',
  'a rich text document (RTF)': 'ein RTF-Dokument',
  'a PNG image': 'ein PNG-Bild',
  'a JPEG image': 'ein JPEG-Bild',
  'a GIF image': 'ein GIF-Bild',
  'an old Office document (.xls, .doc)': 'ein altes Office-Dokument (.xls, .doc)',
  'a Zstandard archive': 'ein Zstandard-Archiv',
  'a bzip2 archive': 'ein bzip2-Archiv',
  'an xz archive': 'ein xz-Archiv',
  'a 7-Zip archive': 'ein 7-Zip-Archiv',
  'a RAR archive': 'ein RAR-Archiv',
  'an SQLite database': 'eine SQLite-Datenbank',
  'an Arrow (Feather) file': 'eine Arrow-Datei (Feather)',
  'a NumPy array': 'ein NumPy-Array',
  'a model (GGUF), not data': 'ein Modell (GGUF), keine Daten',
  'a gzip archive inside a gzip archive': 'ein gzip-Archiv in einem gzip-Archiv',
  'a Word document': 'ein Word-Dokument',
  'a PowerPoint presentation': 'eine PowerPoint-Präsentation',
  'an OpenDocument text': 'ein OpenDocument-Text',
  'an e-book (EPUB)': 'ein E-Book (EPUB)',
  'an OpenDocument spreadsheet': 'eine OpenDocument-Tabelle',
  'a ZIP archive': 'ein ZIP-Archiv',
  'binary data, not text': 'binär, kein Text',
  'a web page or XML': 'eine Webseite oder XML',
  'Fettle reads {0}.': 'Fettle liest {0}.',
  'The folder {0} has no document.': 'Der Ordner {0} enthält kein Dokument.',
  'Choose a folder with PDF, Word (.docx), HTML, Markdown or text files.':
    'Wählen Sie einen Ordner mit PDF-, Word- (.docx), HTML-, Markdown- oder Textdateien.',
  'Left out: {0}': 'Ausgelassen: {0}',
  'The folder {0} has no data file.': 'Der Ordner {0} enthält keine Datendatei.',
  'The rows of the folder {0} are in {1}.': 'Die Zeilen des Ordners {0} stehen in {1}.',
  'Not read in {0}: {1}. To train on these texts too, choose the files themselves.':
    'In {0} nicht gelesen: {1}. Um auch auf diese Texte zu trainieren, wählen Sie die Dateien selbst.',
  'Not read in {0}: {1}. Their names say they are test rows: choose them as test rows, or choose the files themselves to train on them.':
    'In {0} nicht gelesen: {1}. Den Namen nach sind es Testzeilen: Wählen Sie sie als Testzeilen, oder wählen Sie die Dateien selbst zum Training.',
  '{0} and {1} more': '{0} und {1} weitere',
  'Check the path.': 'Prüfen Sie den Pfad.',
  'The run was started with it. Put it back where it was.':
    'Das Training wurde damit gestartet. Legen Sie sie wieder an ihren Ort.',
  'Choose a file inside it.': 'Wählen Sie eine Datei darin.',
  '{0} is a pipe or a device, not a file.': '{0} ist eine Pipe oder ein Gerät, keine Datei.',
  'Save its content as a file, and choose that.': 'Speichern Sie den Inhalt als Datei, und wählen Sie diese.',
  '{0} grew while it was read: another program is writing to it.':
    '{0} wuchs während des Lesens: Ein anderes Programm schreibt hinein.',
  'Wait until the file is complete, or use a copy of it.':
    'Warten Sie, bis die Datei vollständig ist, oder nutzen Sie eine Kopie.',
  "{0} unpacks to more than {1} times its size ({2} so far). Real data doesn't.":
    '{0} entpackt sich auf mehr als das {1}-Fache ({2} bisher). Das tun echte Daten nicht.',
  '{0} unpacks to more than {1} GB.': '{0} entpackt sich auf mehr als {1} GB.',
  'If you trust the file, unpack it yourself and choose the unpacked one.':
    'Wenn Sie der Datei vertrauen, entpacken Sie sie selbst, und wählen Sie die entpackte.',
  '{0} is packed and ends too early, after {1} kB of content.':
    '{0} ist gepackt und endet zu früh, nach {1} kB Inhalt.',
  '{0} is packed and damaged after {1} kB of content{2}.':
    '{0} ist gepackt und nach {1} kB Inhalt beschädigt{2}.',
  'Copy or download it again.': 'Kopieren oder laden Sie sie erneut.',
  '{0} is larger than {1} MB, too large for its format.':
    '{0} ist größer als {1} MB, zu groß für dieses Format.',
  'Save it as CSV or JSON Lines: those may be of any size.':
    'Speichern Sie sie als CSV oder JSON Lines: Diese dürfen beliebig groß sein.',
  '{0} has no sheet “{1}” with rows.': '{0} hat kein Blatt „{1}“ mit Zeilen.',
  'It has the sheets {0}.': 'Vorhanden sind die Blätter {0}.',
  'Row {0} of {1} names the columns. What is above is not read.':
    'Zeile {0} von {1} benennt die Spalten. Was darüber steht, wird nicht gelesen.',
  '{0}, row {1}': '{0}, Zeile {1}',
  '{0} unpacks to more than 1 GB, too much for a workbook.':
    '{0} entpackt sich auf mehr als 1 GB, zu viel für eine Arbeitsmappe.',
  'Save the sheet as CSV: that may be of any size.':
    'Speichern Sie das Blatt als CSV: Das darf beliebig groß sein.',
  'the cell in row {0}, column {1} has no readable value':
    'die Zelle in Zeile {0}, Spalte {1} hat keinen lesbaren Wert',
  'it is damaged or locked': 'sie ist beschädigt oder gesperrt',
  "{0} can't be read as an Excel workbook: {1}.": '{0} ist als Excel-Arbeitsmappe nicht lesbar: {1}.',
  'Open it in a spreadsheet program and save it as .xlsx (without a password) or as CSV.':
    'Öffnen Sie sie in einer Tabellenkalkulation, und speichern Sie sie als .xlsx (ohne Passwort) oder CSV.',
  'A sheet of {0} reaches to row {1} and column {2}, too large to read.':
    'Ein Blatt von {0} reicht bis Zeile {1} und Spalte {2}: zu groß zum Lesen.',
  'Copy the table into a new workbook, or save it as CSV.':
    'Kopieren Sie die Tabelle in eine neue Arbeitsmappe, oder speichern Sie sie als CSV.',
  'The rows of {0} are on the sheet “{1}”.': 'Die Zeilen von {0} stehen auf dem Blatt „{1}“.',
  'The rows of {0} are on the sheet “{1}”. Not read: {2}. You can choose another sheet.':
    'Die Zeilen von {0} stehen auf dem Blatt „{1}“. Nicht gelesen: {2}. Sie können ein anderes Blatt wählen.',
  'its list of columns': 'die Spaltenliste',
  'the data from row {0} on': 'der Datenteil ab Zeile {0}',
  "{0} can't be read as Parquet: {1} is damaged.": '{0} ist als Parquet nicht lesbar: {1} ist beschädigt.',
  'Copy or download it again. If it is whole, save it as JSON Lines with the program that made it.':
    'Kopieren oder laden Sie sie erneut. Ist sie heil, speichern Sie sie mit dem Programm, das sie erzeugt hat, als JSON Lines.',
  '{0} has a row group of {1} GB. At most 2 GB can be read.':
    '{0} hat eine Zeilengruppe von {1} GB. Höchstens 2 GB sind lesbar.',
  '{0} has a row group of {1} million values. At most {2} million can be read.':
    '{0} hat eine Zeilengruppe von {1} Millionen Werten. Höchstens {2} Millionen sind lesbar.',
  'Save the file with smaller row groups, such as 10,000 rows.':
    'Speichern Sie die Datei mit kleineren Zeilengruppen, etwa 10.000 Zeilen.',
  '{0} is packed with {1}. Fettle reads {2}.': '{0} ist mit {1} gepackt. Fettle liest {2}.',
  'Save the file with ZSTD, or without packing.': 'Speichern Sie die Datei mit ZSTD oder ungepackt.',
  'It may have been deleted. See the history.': 'Vielleicht wurde es gelöscht. Sehen Sie im Verlauf nach.',
  'There is no run with the id {0}.': 'Ein Training mit der ID {0} gibt es nicht.',
  'It may be repairing a large history. Wait for it, or close other windows of Fettle.':
    'Vielleicht repariert er einen großen Verlauf. Warten Sie, oder schließen Sie andere Fenster von Fettle.',
  'Another process has been opening the history in {0} for a minute.':
    'Ein anderer Prozess öffnet seit einer Minute den Verlauf in {0}.',
  'Connect that disk. If it is lost for good, remove {0} to start empty.':
    'Schließen Sie dieses Laufwerk an. Ist es endgültig verloren, entfernen Sie {0}, um leer zu beginnen.',
  "Fettle's data was moved to {0}, which is not there.":
    'Die Daten von Fettle wurden nach {0} verschoben, das nicht da ist.',
  'Write {"to": "the absolute path"} into it, or remove it to start empty in this folder.':
    'Schreiben Sie {"to": "der absolute Pfad"} hinein, oder entfernen Sie sie, um in diesem Ordner leer zu beginnen.',
  "{0} should say where Fettle's data is, but can't be read.":
    '{0} sollte den Ort der Daten nennen, ist aber nicht lesbar.',
  'Remove the {0} from the folder that has fettle.sqlite.':
    'Entfernen Sie {0} aus dem Ordner mit fettle.sqlite.',
  "The {0} files, which say where Fettle's data is, lead in a circle: {1}.":
    'Die {0}-Dateien, die den Ort der Daten nennen, führen im Kreis: {1}.',
  'a newer Fettle': 'einem neueren Fettle',
  'Install the newer Fettle again. Nothing was changed.':
    'Installieren Sie wieder das neuere Fettle. Nichts wurde geändert.',
  'The history in {0} was made by {1} (store version {2}). This is Fettle {3}, which knows versions up to {4}.':
    'Der Verlauf in {0} stammt von {1} (Datenversion {2}). Dies ist Fettle {3} und kennt Versionen bis {4}.',
  'It is unchanged. Use the version of Fettle that you had, and report this.':
    'Er ist unverändert. Nutzen Sie Ihre bisherige Version von Fettle, und melden Sie dies.',
  "Fettle's history could not be updated ({0}): {1}": 'Der Verlauf ließ sich nicht aktualisieren ({0}): {1}',
  'The copy of the history is damaged: {0}.': 'Die Kopie des Verlaufs ist beschädigt: {0}.',
  'Close it, or wait until its training has ended.':
    'Schließen Sie es, oder warten Sie, bis sein Training fertig ist.',
  "Another window of Fettle has the history open, so it can't be moved now.":
    'Ein anderes Fenster von Fettle hat den Verlauf geöffnet; er lässt sich jetzt nicht verschieben.',
  'Check that disk, and try again.': 'Prüfen Sie dieses Laufwerk, und versuchen Sie es erneut.',
  '{0} was not copied completely.': '{0} wurde nicht vollständig kopiert.',
  'Free some space there, or choose another disk.':
    'Geben Sie dort Speicherplatz frei, oder wählen Sie ein anderes Laufwerk.',
  'The data is {0} MB, but only {1} MB are free at {2}.':
    'Die Daten sind {0} MB groß, frei sind aber nur {1} MB auf {2}.',
  'Pause it first.': 'Pausieren Sie es zuerst.',
  'The run {0} is writing to the data folder.': 'Das Training {0} schreibt gerade in den Datenordner.',
  'Choose a new or empty folder.': 'Wählen Sie einen neuen oder leeren Ordner.',
  '{0} is not an empty folder.': '{0} ist kein leerer Ordner.',
  'Choose a folder elsewhere.': 'Wählen Sie einen Ordner an anderer Stelle.',
  '{0} and the data folder {1} are inside each other.': '{0} und der Datenordner {1} liegen ineinander.',
  '{0} is a link to {1}, which is not there.': '{0} ist eine Verknüpfung mit {1}, das nicht da ist.',
  'Connect that disk, or remove the link.':
    'Schließen Sie dieses Laufwerk an, oder entfernen Sie die Verknüpfung.',
  'The data folder {0} was deleted or moved while Fettle was using it.':
    'Der Datenordner {0} wurde gelöscht oder verschoben, während Fettle ihn verwendete.',
  'Put it back, or restart Fettle to start empty.':
    'Legen Sie ihn zurück, oder starten Sie Fettle neu, um leer zu beginnen.',
  "The data folder can't be used. {0}": 'Der Datenordner ist nicht verwendbar. {0}',
  'its file was gone': 'die Datei fehlte',
  'its file was empty': 'die Datei war leer',
  'Runs {0}: {1}.': 'Trainings, {0}: {1}.',
  ' and {0} more': ' und {0} weitere',
  'The damaged file is kept in {0}.': 'Die beschädigte Datei liegt in {0}.',
  "not added, because their folders can't be read": 'nicht aufgenommen, weil ihre Ordner nicht lesbar sind',
  'updated from their folders': 'aus ihren Ordnern aktualisiert',
  'added again from their folders': 'aus ihren Ordnern wieder aufgenommen',
  'It is as in the backup of {0}. Changes since then are lost: {1}; and newer {2}.':
    'Er entspricht der Sicherung vom {0}. Verloren sind spätere Änderungen: {1}; und neuere {2}.',
  'There was no backup, so {0} are lost, and so are {1}.':
    'Es gab keine Sicherung; {0} sind verloren, ebenso {1}.',
  'Fettle repaired your history, which was damaged ({0}).':
    'Fettle hat Ihren beschädigten Verlauf repariert ({0}).',
  "Fettle left out what can't be read in your history: {0}. Everything else is as it was.":
    'Fettle hat weggelassen, was in Ihrem Verlauf nicht lesbar ist: {0}. Alles andere ist unverändert.',
  'runs whose folders are not in {0}': 'Trainings, deren Ordner nicht in {0} liegen',
  'names, notes, tags, drafts, conversations, settings and the list of models':
    'Namen, Notizen, Schlagwörter, Entwürfe, Gespräche, Einstellungen und die Modellliste',
  "Fettle's history is damaged": 'Der Verlauf von Fettle ist beschädigt',
  'Restart Fettle: it then repairs the history from its newest backup.':
    'Starten Sie Fettle neu: Dann wird der Verlauf aus der neuesten Sicherung repariert.',
  "Another program is writing to Fettle's history and doesn't finish":
    'Ein anderes Programm schreibt in den Verlauf und wird nicht fertig',
  'Try again in a moment. If it happens again, close other windows of Fettle.':
    'Versuchen Sie es gleich erneut. Tritt es wieder auf, schließen Sie andere Fenster von Fettle.',
  "The disk has no room for Fettle's history": 'Auf dem Laufwerk ist kein Platz für den Verlauf',
  'Free some space and try again.': 'Geben Sie Speicherplatz frei, und versuchen Sie es erneut.',
  "Fettle's history can't be read or written": 'Der Verlauf ist nicht les- oder schreibbar',
  'Check that the disk is there and that you may write to the data folder.':
    'Prüfen Sie, ob das Laufwerk da ist und Sie in den Datenordner schreiben dürfen.',
};
