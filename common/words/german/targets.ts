/** German: trainings on other computers. */
export const TARGETS: Readonly<Record<string, string>> = {
  'Weights in 4 bits become NF4 there, because bitsandbytes has no evenly spaced format.':
    'Gewichte mit 4 Bit werden dort zu NF4, weil bitsandbytes kein gleichmäßiges Format hat.',
  'Dropout drops other values there, so losses differ slightly.':
    'Dropout lässt dort andere Werte weg, deshalb weicht der Loss leicht ab.',
  '{objective} {0} can be trained on this computer only': '{objective} {0} geht nur auf diesem Computer',
  '{newTokens} can be trained on this computer only': '{newTokens} geht nur auf diesem Computer',
  '{replay} needs {replayData} where it is trained elsewhere':
    '{replay} braucht {replayData}, wenn anderswo trainiert wird',
  '{precision} int8 is a format of this computer; leave it out':
    '{precision} int8 ist ein Format dieses Computers; lassen Sie es weg',
  '{masterBits} 16 can be trained on this computer only; leave it out':
    '{masterBits} 16 geht nur auf diesem Computer; lassen Sie es weg',
  '{look}: no rates are tried there; the usual one is taken.':
    '{look}: Dort werden keine Lernraten ausprobiert; es gilt die übliche.',
  '{layerwiseUpdate} saves memory on this computer; leave it out':
    '{layerwiseUpdate} spart Speicher auf diesem Computer; lassen Sie es weg',
  '{stayClose} can be trained on this computer only': '{stayClose} geht nur auf diesem Computer',
  'A blend takes no training: make it on this computer':
    'Eine Mischung braucht kein Training: Erstellen Sie sie auf diesem Computer',
  'This target can’t be used: {0} isn’t valid.': 'Dieses Ziel ist nicht verwendbar: {0} ist ungültig.',
  'Names have small letters, digits and hyphens. A computer is user@host, or a name that ssh knows.':
    'Namen haben Kleinbuchstaben, Ziffern und Bindestriche. Ein Computer ist user@host oder ein Name, den ssh kennt.',
  'There is no target called {0}.': 'Es gibt kein Ziel namens {0}.',
  'There is {0}.': 'Es gibt {0}.',
  'Add one in the settings first.': 'Fügen Sie zuerst eines in den Einstellungen hinzu.',
  'Change it, or train on this computer.': 'Ändern Sie das, oder trainieren Sie auf diesem Computer.',
  'Models that also see pictures can’t be trained elsewhere yet.':
    'Modelle, die auch Bilder sehen, lassen sich anderswo noch nicht trainieren.',
  'Choose a model for text alone, or train here.':
    'Wählen Sie ein reines Textmodell, oder trainieren Sie hier.',
  'Use fewer tokens at once, activation recompute or QLoRA, or a larger card.':
    'Nutzen Sie weniger Tokens auf einmal, neu berechnete Aktivierungen, QLoRA oder eine größere Karte.',
  'Use fewer tokens at once, or give the job more memory there.':
    'Nutzen Sie weniger Tokens auf einmal, oder geben Sie dem Auftrag dort mehr Arbeitsspeicher.',
  'The card of {0} ran out of memory.': 'Der Karte von {0} ging der Speicher aus.',
  'The disk of {0} is full.': 'Der Datenträger von {0} ist voll.',
  'Free some space there, then resume.': 'Schaffen Sie dort Platz, und setzen Sie dann fort.',
  '{0} ended the job at its time limit.': '{0} hat den Auftrag am Zeitlimit beendet.',
  '{0} gave the place to another job.': '{0} hat den Platz einem anderen Auftrag gegeben.',
  'The job on {0} was stopped before it began.': 'Der Auftrag auf {0} wurde gestoppt, bevor er begann.',
  'Resume to start it again.': 'Setzen Sie fort, um ihn neu zu starten.',
  'Somebody cancelled the job on {0}.': 'Jemand hat den Auftrag auf {0} abgebrochen.',
  'A computer of {0} failed.': 'Ein Computer von {0} ist ausgefallen.',
  '{0} ran out of main memory.': '{0} ging der Arbeitsspeicher aus.',
  'The Python of {0} lacks a package.': 'Dem Python von {0} fehlt ein Paket.',
  'Test the target to see which one, and install it there.':
    'Testen Sie das Ziel, um zu sehen, welches fehlt, und installieren Sie es dort.',
  'PyTorch can’t use a card of {0}.': 'PyTorch kann keine Karte von {0} verwenden.',
  'Test the target, and look for its driver and cards.':
    'Testen Sie das Ziel, und prüfen Sie Treiber und Karten.',
  'The Hub doesn’t give this model to {0}.': 'Der Hub gibt {0} dieses Modell nicht.',
  'Log in to the Hub there, or send the model from here.':
    'Melden Sie sich dort beim Hub an, oder senden Sie das Modell von hier.',
  'The processes of {0} lost each other.': 'Die Prozesse von {0} haben einander verloren.',
  'Start a new run with a lower learning rate.': 'Starten Sie ein neues Training mit kleinerer Lernrate.',
  'Training became unstable there: {0}': 'Das Training wurde dort instabil: {0}',
  'The job on {0} failed. Last words: {1}': 'Der Auftrag auf {0} ist fehlgeschlagen. Letzte Meldung: {1}',
  'The job on {0} ended without a word.': 'Der Auftrag auf {0} endete ohne ein Wort.',
  'Resume to try again from the last checkpoint. The log of the run has more.':
    'Setzen Sie fort, um es vom letzten Zwischenstand zu versuchen. Mehr steht im Protokoll des Trainings.',
  'There is no Slurm: sbatch is missing.': 'Es gibt kein Slurm: sbatch fehlt.',
  'The Python there lacks {0}. Install them, or let Fettle make a Python of its own.':
    'Dem Python dort fehlt {0}. Installieren Sie das, oder lassen Sie Fettle ein eigenes Python anlegen.',
  'There is no Python that can make an environment. Install uv, or Python 3.11 with venv.':
    'Kein Python dort kann eine Umgebung anlegen. Installieren Sie uv, oder Python 3.11 mit venv.',
  'The target answered with something that isn’t the log of a job.':
    'Das Ziel hat mit etwas geantwortet, das kein Protokoll eines Auftrags ist.',
  'Check that its login prints nothing where no terminal is.':
    'Prüfen Sie, dass seine Anmeldung ohne Terminal nichts ausgibt.',
  'This computer has no program called ssh.': 'Dieser Computer hat kein Programm namens ssh.',
  'Install OpenSSH’s client, and try again.':
    'Installieren Sie den OpenSSH-Client, und versuchen Sie es noch einmal.',
  'The key of {0} is unknown here, or has changed.':
    'Der Schlüssel von {0} ist hier unbekannt oder hat sich geändert.',
  'Connect to it once with ssh in a terminal, and compare its key.':
    'Verbinden Sie sich einmal im Terminal mit ssh, und vergleichen Sie den Schlüssel.',
  '{0} refuses to let you in.': '{0} lässt Sie nicht hinein.',
  'Add your key to it, or load the key into your agent.':
    'Hinterlegen Sie dort Ihren Schlüssel, oder laden Sie ihn in Ihren Agenten.',
  '{0} can’t be reached.': '{0} ist nicht erreichbar.',
  'Check that it is switched on and that you are online.':
    'Prüfen Sie, ob es eingeschaltet ist und ob Sie online sind.',
  'Free some space there, and start again. What was sent is kept.':
    'Schaffen Sie dort Platz, und starten Sie noch einmal. Was gesendet wurde, bleibt.',
  '{0} can’t be reached: {1}': '{0} ist nicht erreichbar: {1}',
  'A command on {0} failed: {1}': 'Ein Befehl auf {0} ist gescheitert: {1}',
  'Test the target, and read what is missing.': 'Testen Sie das Ziel, und lesen Sie, was fehlt.',
  'It is not known where this run is trained.': 'Es ist nicht bekannt, wo dieses Training läuft.',
  'Start a new run.': 'Starten Sie ein neues Training.',
  'sending to {0}': 'wird an {0} gesendet',
  'starting on {0}': 'startet auf {0}',
  'waiting in the queue of {0}': 'wartet in der Schlange von {0}',
  '{0} can’t be reached now. The training there goes on, and its figures follow.':
    '{0} ist gerade nicht erreichbar. Das Training dort geht weiter, seine Zahlen folgen.',
  'fetching from {0}': 'wird von {0} geholt',
  '{0} sends more than a run like this can have produced. Nothing of it was kept.':
    '{0} sendet mehr, als so ein Lauf ergeben haben kann. Davon wurde nichts behalten.',
  'Check that this computer is still yours.': 'Prüfen Sie, ob dieser Computer noch der Ihre ist.',
  '{0} arrived damaged from {1}.': '{0} kam beschädigt von {1} an.',
  'Resume to fetch it again.': 'Setzen Sie fort, um es noch einmal zu holen.',
  'A process of {0} failed. It continues from step {1}.':
    'Ein Prozess von {0} ist ausgefallen. Es geht ab Schritt {1} weiter.',
  'Too big there: a card needs {0} and has {1}.': 'Dort zu groß: Eine Karte braucht {0} und hat {1}.',
  '{0}, about {1}': '{0}, etwa {1}',
  'Too big for this computer. There {0}.': 'Zu groß für diesen Computer. Dort {0}.',
  'There {0}.': 'Dort {0}.',
  'Here {0}, there {1}.': 'Hier {0}, dort {1}.',
  'No published figures of {0} are known. The first run there shows the time.':
    'Zu {0} sind keine veröffentlichten Werte bekannt. Das erste Training dort zeigt die Dauer.',
  '{0} has no graphics card that is known. The first run there shows the time.':
    'Von {0} ist keine Grafikkarte bekannt. Das erste Training dort zeigt die Dauer.',
  'Test {0} to see how long it takes there.': 'Testen Sie {0}, um zu sehen, wie lange es dort dauert.',
  'Likely {0} to {1}, without sending and waiting.': 'Voraussichtlich {0} bis {1}, ohne Senden und Warten.',
  'Estimated from {0} there. {1}': 'Geschätzt nach Trainings dort ({0}). {1}',
  '{0}, from published figures, not measured: {1} to {2} of full speed. {3}':
    '{0}, nach veröffentlichten Werten, nicht gemessen: {1} bis {2} der vollen Geschwindigkeit. {3}',
  '{0} of {1}': '{0} von {1}',
  'Tight: a card needs {0}.': 'Knapp: Eine Karte braucht {0}.',
  'A card needs {0}.': 'Eine Karte braucht {0}.',
  '{0} was added by a Fettle that can reach more.':
    '{0} wurde mit einem Fettle hinzugefügt, das mehr erreichen kann.',
  'Use that one, or remove this computer here.': 'Nutzen Sie jenes, oder entfernen Sie diesen Computer hier.',
};
