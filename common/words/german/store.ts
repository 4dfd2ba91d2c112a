/** German: store. */

export const STORE: Readonly<Record<string, string>> = {
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
  'Pause it first.': 'Halten Sie es zuerst an.',
  'The run {0} is writing to the data folder.': 'Das Training {0} schreibt gerade in den Datenordner.',
  'Choose a new or empty folder.': 'Wählen Sie einen neuen oder leeren Ordner.',
  '{0} is not an empty folder.': '{0} ist kein leerer Ordner.',
  'Choose a folder elsewhere.': 'Wählen Sie einen Ordner an anderer Stelle.',
  '{0} and the data folder {1} are inside each other.': '{0} und der Datenordner {1} liegen ineinander.',
  'Choose a folder that you may write to.': 'Wählen Sie einen Ordner, in den Sie schreiben dürfen.',
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
