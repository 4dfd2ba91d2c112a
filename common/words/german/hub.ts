/** German: the Hub, web addresses, and rows from either. */
export const HUB: Readonly<Record<string, string>> = {
  'It has no weights in a format that Fettle opens (safetensors or GGUF).':
    'Es hat keine Gewichte in einem Format, das Fettle öffnet (safetensors oder GGUF).',
  'It has only pickle files (.bin, .pt), which can run code while loading. Fettle opens safetensors and GGUF.':
    'Es hat nur Pickle-Dateien (.bin, .pt), die beim Laden Code ausführen können. Fettle öffnet safetensors und GGUF.',
  "Its GGUF files have formats that Fettle doesn't read ({0}).":
    'Seine GGUF-Dateien haben Formate, die Fettle nicht liest ({0}).',
  'It is an adapter, a small addition to another model. Choose that base model.':
    'Es ist ein Adapter, eine kleine Ergänzung zu einem anderen Modell. Wählen Sie dieses Basismodell.',
  'It is made for sorting and finding texts. Fettle trains models that write.':
    'Es ist zum Sortieren und Finden von Texten gemacht. Fettle trainiert Modelle, die schreiben.',
  'It is an encoder-decoder model. Fettle trains models that continue text.':
    'Es ist ein Encoder-Decoder-Modell. Fettle trainiert Modelle, die Text fortsetzen.',
  'It reads images. Fettle trains models of text.': 'Es liest Bilder. Fettle trainiert Textmodelle.',
  "Its weights have a reduced precision that can't be trained. Look for the original model.":
    'Seine Gewichte haben eine verringerte Genauigkeit, die sich nicht trainieren lässt. Suchen Sie das Originalmodell.',
  'It is a model of the type “{0}”. Fettle trains {1}.':
    'Es ist ein Modell vom Typ „{0}“. Fettle trainiert {1}.',
  'Install Fettle again.': 'Installieren Sie Fettle erneut.',
  "The catalogue of models can't be read ({0}).": 'Der Modellkatalog ist nicht lesbar ({0}).',
  'Copy the token again from huggingface.co/settings/tokens and paste it into Settings.':
    'Kopieren Sie das Token erneut von huggingface.co/settings/tokens, und fügen Sie es in den Einstellungen ein.',
  'The Hub token saved here has characters that no token has.':
    'Das gespeicherte Hub-Token hat Zeichen, die kein Token hat.',
  'Check that this network needs no sign-in, and the mirror and the proxy in Settings.':
    'Prüfen Sie, ob dieses Netz eine Anmeldung verlangt, und Spiegelserver und Proxy in den Einstellungen.',
  '{0} failed: the answer is not one of the Hub.':
    '{0} ist fehlgeschlagen: Die Antwort stammt nicht vom Hub.',
  'Try again later.': 'Versuchen Sie es später erneut.',
  'The answer has more than {0} bytes.': 'Die Antwort hat mehr als {0} Bytes.',
  '{0} redirects to an unsafe address.': '{0} leitet auf eine unsichere Adresse weiter.',
  'Check the mirror and the proxy in Settings.': 'Prüfen Sie Spiegelserver und Proxy in den Einstellungen.',
  '{0} redirects without end.': '{0} leitet endlos weiter.',
  'This download is not in the list any more.': 'Dieser Download steht nicht mehr in der Liste.',
  'Try again. If it happens again, report it: this looks like a bug in Fettle.':
    'Versuchen Sie es erneut. Tritt es wieder auf, melden Sie es: Es sieht nach einem Fehler in Fettle aus.',
  'Search for the original model with safetensors files.':
    'Suchen Sie das Originalmodell mit safetensors-Dateien.',
  'Search for the same model in safetensors format. Most models have it.':
    'Suchen Sie dasselbe Modell im Format safetensors. Die meisten Modelle haben es.',
  "{0} can't be used. {1}": '{0} ist nicht verwendbar. {1}',
  'Choose another model, or an earlier version of this one.':
    'Wählen Sie ein anderes Modell oder eine frühere Version.',
  "{0} lists weight files that it doesn't have.": '{0} nennt Gewichtsdateien, die es nicht hat.',
  "Don't use this model, or tell its makers.":
    'Nutzen Sie dieses Modell nicht, oder informieren Sie die Hersteller.',
  '{0} has {1} MB, where a few are usual.': '{0} hat {1} MB; üblich sind wenige.',
  'Reading {0} of {1}': 'Lesen von {0} aus {1}',
  '{0} of {1} is far too large.': '{0} von {1} ist viel zu groß.',
  "{0} can't be trained. {1}": '{0} lässt sich nicht trainieren. {1}',
  'Choose another model.': 'Wählen Sie ein anderes Modell.',
  '{0} is incomplete: it has no config.json.': '{0} ist unvollständig: Es hat keine config.json.',
  'the server sent another part of the file': 'der Server schickte einen anderen Teil der Datei',
  'the connection was cut': 'die Verbindung brach ab',
  'the server sent more than the file has': 'der Server schickte mehr, als die Datei hat',
  'Downloading {0} of {1}': 'Download von {0} aus {1}',
  'Free some space, or move the data folder to another disk in Settings. Then resume the download.':
    'Geben Sie Speicherplatz frei, oder verschieben Sie den Datenordner in den Einstellungen auf ein anderes Laufwerk. Setzen Sie dann den Download fort.',
  '{0} needs {1} more on the disk of {2}, but only {3} are free.':
    '{0} braucht noch {1} auf dem Laufwerk von {2}, frei sind aber nur {3}.',
  'Switch “Work offline” off in Settings, or use a model on this computer.':
    'Schalten Sie „Offline arbeiten“ in den Einstellungen aus, oder nutzen Sie ein Modell auf diesem Computer.',
  'Fettle is offline by your settings.': 'Fettle ist nach Ihren Einstellungen offline.',
  'the answer is not one of the Hub': 'die Antwort stammt nicht vom Hub',
  'Try again later. If you use a mirror, check it in Settings.':
    'Versuchen Sie es später erneut. Wenn Sie einen Spiegelserver nutzen, prüfen Sie ihn in den Einstellungen.',
  'A mirror, a proxy or a virus scanner may have changed it. Check Settings, and try again later.':
    'Ein Spiegelserver, Proxy oder Virenscanner hat sie womöglich verändert. Prüfen Sie die Einstellungen, und versuchen Sie es später erneut.',
  '{0} of {1} differs from what its publisher says.':
    '{0} von {1} weicht von den Angaben des Herausgebers ab.',
  "Check the connection, or set your network's proxy in Settings. The download resumes where it stopped.":
    'Prüfen Sie die Verbindung, oder tragen Sie den Proxy Ihres Netzes in den Einstellungen ein. Der Download setzt fort, wo er anhielt.',
  'Check the connection, and the proxy in Settings. The download resumes where it stopped.':
    'Prüfen Sie die Verbindung und den Proxy in den Einstellungen. Der Download setzt fort, wo er anhielt.',
  '{0} failed: {1}.': '{0} ist fehlgeschlagen: {1}.',
  '1. Open {0}, sign in and accept the conditions. 2. Make a read token at huggingface.co/settings/tokens. 3. Paste it into Settings, and start the download again.':
    '1. Öffnen Sie {0}, melden Sie sich an, und stimmen Sie den Bedingungen zu. 2. Erzeugen Sie unter huggingface.co/settings/tokens einen Zugangsschlüssel (read token). 3. Fügen Sie ihn in den Einstellungen ein, und starten Sie den Download erneut.',
  'Open {0} with the account of your token, accept the conditions and wait for the consent. If you did, make a new read token at huggingface.co/settings/tokens and paste it into Settings.':
    'Öffnen Sie {0} mit dem Konto Ihres Zugangsschlüssels, stimmen Sie den Bedingungen zu, und warten Sie auf die Freigabe. Falls erledigt, erzeugen Sie unter huggingface.co/settings/tokens einen neuen Zugangsschlüssel (read token), und fügen Sie ihn in den Einstellungen ein.',
  'The makers of {0} ask for an account and your consent first.':
    'Die Hersteller von {0} verlangen zuerst ein Konto und Ihre Zustimmung.',
  'Your token has no access to {0} yet.': 'Ihr Zugangsschlüssel hat noch keinen Zugriff auf {0}.',
  'Your token is sent to the Hugging Face Hub only. Remove the mirror in Settings to get this model.':
    'Ihr Zugangsschlüssel wird nur an den Hugging Face Hub gesendet. Entfernen Sie den Spiegelserver in den Einstellungen, um dieses Modell zu erhalten.',
  'The mirror {0} refuses {1}: it asks for a sign-in.':
    'Der Spiegelserver {0} verweigert {1}: Er verlangt eine Anmeldung.',
  'Check the spelling (owner/name). For a private model, paste a token that may read it into Settings.':
    'Prüfen Sie die Schreibweise (Besitzer/Name). Für ein privates Modell fügen Sie in den Einstellungen einen Zugangsschlüssel mit Leserecht ein.',
  '{0} has no answer: {1}.': '{0} hat keine Antwort: {1}.',
  '{0} has no model “{1}”, or it is private.': '{0} hat kein Modell „{1}“, oder es ist privat.',
  'Try again later. If you use a mirror or a proxy, check it in Settings.':
    'Versuchen Sie es später erneut. Wenn Sie einen Spiegelserver oder Proxy nutzen, prüfen Sie ihn in den Einstellungen.',
  '{0} failed: the answer was {1}.': '{0} ist fehlgeschlagen: Die Antwort war {1}.',
  'Leave the version out to get the newest one.': 'Lassen Sie die Version weg, um die neueste zu erhalten.',
  'the answer was {0}': 'die Antwort war {0}',
  'Load the list again.': 'Laden Sie die Liste neu.',
  'This model is not in the list any more.': 'Dieses Modell steht nicht mehr in der Liste.',
  'The practice model is missing.': 'Das Übungsmodell fehlt.',
  'It is small, and the first run needs it.': 'Es ist klein, und das erste Training braucht es.',
  "The practice model comes with Fettle and can't be removed.":
    'Das Übungsmodell gehört zu Fettle und lässt sich nicht entfernen.',
  'Download the whole model, with its tokenizer.json.':
    'Laden Sie das ganze Modell herunter, mit seiner tokenizer.json.',
  "{0} has no tokenizer, so it can't read text.": '{0} hat keinen Tokenizer und kann keinen Text lesen.',
  'Choose a model of one of these families.': 'Wählen Sie ein Modell einer dieser Familien.',
  '{0} is a model of the family {1}. Fettle trains {2}.':
    '{0} ist ein Modell der Familie {1}. Fettle trainiert {2}.',
  'Get the same model in safetensors or GGUF format. Most models on the Hub have it.':
    'Nutzen Sie dasselbe Modell im Format safetensors oder GGUF. Die meisten Modelle auf dem Hub haben es.',
  "{0} is a Python pickle, which can run any code while loading. Fettle doesn't open it.":
    '{0} ist ein Python-Pickle, das beim Laden beliebigen Code ausführen kann. Fettle öffnet es nicht.',
  'Add the model it was made for.': 'Fügen Sie das Modell hinzu, für das er gemacht ist.',
  'Add the model it was made for: {0}.': 'Fügen Sie das Modell hinzu, für das er gemacht ist: {0}.',
  '{0} is an adapter: a small addition to another model.':
    '{0} ist ein Adapter: eine kleine Ergänzung zu einem anderen Modell.',
  'Choose the base model of the run, or save the run as a full model.':
    'Wählen Sie das Basismodell des Trainings, oder speichern Sie das Training als vollständiges Modell.',
  'Choose {0}.': 'Wählen Sie {0}.',
  '{0} is the folder of a run, with {1} inside.': '{0} ist der Ordner eines Trainings und enthält {1}.',
  'an adapter': 'einen Adapter',
  'the trained model': 'das trainierte Modell',
  'Choose one of them, such as {0}.': 'Wählen Sie eine davon, etwa {0}.',
  '{0} has {1} GGUF files.': '{0} enthält {1} GGUF-Dateien.',
  'Resume the download. The model then appears in the list.':
    'Setzen Sie den Download fort. Das Modell erscheint dann in der Liste.',
  'The download into {0} is not finished.': 'Der Download nach {0} ist nicht fertig.',
  'Get the model as one GGUF file, or its folder with safetensors files.':
    'Nutzen Sie das Modell als eine GGUF-Datei oder seinen Ordner mit safetensors-Dateien.',
  '{0} is one part of a GGUF file that was split.': '{0} ist ein Teil einer geteilten GGUF-Datei.',
  'Choose a model folder (with config.json and safetensors files) or a .gguf file.':
    'Wählen Sie einen Modellordner (mit config.json und safetensors-Dateien) oder eine .gguf-Datei.',
  '{0} is not a model.': '{0} ist kein Modell.',
  'Check the path, or choose it again.': 'Prüfen Sie den Pfad, oder wählen Sie erneut.',
  'There is nothing at {0}.': 'Unter {0} gibt es nichts.',
  'size or hash of {0} is missing': 'Größe oder Prüfsumme von {0} fehlt',
  "Don't use this model.": 'Nutzen Sie dieses Modell nicht.',
  '{0} lists a file outside its folder: {1}.': '{0} nennt eine Datei außerhalb seines Ordners: {1}.',
  'the list of its files has no end': 'die Dateiliste endet nicht',
  'the state of the model is not named': 'der Stand des Modells fehlt',
  'Write owner/name, such as HuggingFaceTB/SmolLM2-135M.':
    'Schreiben Sie Besitzer/Name, etwa HuggingFaceTB/SmolLM2-135M.',
  '“{0}” is not the name of a model on the Hub.': '„{0}“ ist kein Modellname auf dem Hub.',
  "Remove the pack and get it again. If that doesn't help, report it.":
    'Entfernen Sie das Paket, und laden Sie es erneut. Hilft das nicht, melden Sie es.',
  '{0} in {1} is damaged.': '{0} in {1} ist beschädigt.',
  'Wait until that has ended, or stop it.': 'Warten Sie, bis es fertig ist, oder stoppen Sie es.',
  'Another Fettle is downloading this pack (process {0}).':
    'Ein anderes Fettle lädt dieses Paket gerade (Prozess {0}).',
  'Check that your network lets https://files.pythonhosted.org through, and try again. The download resumes where it stopped.':
    'Prüfen Sie, ob Ihr Netz https://files.pythonhosted.org durchlässt, und versuchen Sie es erneut. Der Download setzt fort, wo er anhielt.',
  'There is no such pack for this computer.': 'Für diesen Computer gibt es dieses Paket nicht.',
  'Train without it.': 'Trainieren Sie ohne es.',
  'Part of the pack could not be downloaded from the Python Package Index.':
    'Ein Teil des Pakets ließ sich nicht vom Python Package Index laden.',
  'Free some space, or move the data folder to another disk in Settings. Then get the pack again.':
    'Geben Sie Speicherplatz frei, oder verschieben Sie den Datenordner in den Einstellungen auf ein anderes Laufwerk. Laden Sie das Paket dann erneut.',
  'The pack needs {0} on the disk of {1} while it is unpacked, but only {2} are free.':
    'Das Paket braucht beim Entpacken {0} auf dem Laufwerk von {1}, frei sind aber nur {2}.',
  'the NVIDIA pack': 'das NVIDIA-Paket',
  'the speed pack': 'das Tempo-Paket',
  'the TensorFlow pack': 'das TensorFlow-Paket',
  'End trainings that use it, then try again.':
    'Beenden Sie Trainings, die es benutzen, und versuchen Sie es erneut.',
  '{0} could not be deleted: {1}': '{0} ließ sich nicht löschen: {1}',
  'The model': 'Das Modell',
  '{0} has no such version.': '{0} hat keine solche Version.',
  'this model': 'dieses Modell',
  this: 'dies',
  'the page of the model': 'die Seite des Modells',
  'The mirror {0}': 'Der Spiegelserver {0}',
  'The Hugging Face Hub': 'Der Hugging Face Hub',
  'It has no weights that Fettle can open.': 'Es hat keine Gewichte, die Fettle öffnen kann.',
  'the name of the server was not found': 'der Servername wurde nicht gefunden',
  'the server refused the connection': 'der Server lehnte die Verbindung ab',
  'the server did not answer in time': 'der Server antwortete nicht rechtzeitig',
  'the server stopped sending': 'der Server hörte auf zu senden',
  'Searching the Hub': 'Suche auf dem Hub',
  'Looking up {0}': 'Nachsehen bei {0}',
  '{0} needs an account at Hugging Face and your consent.':
    '{0} verlangt ein Konto bei Hugging Face und Ihre Zustimmung.',
  'Accept the conditions at huggingface.co/datasets/{0}, then paste a read token into Settings.':
    'Nehmen Sie die Bedingungen auf huggingface.co/datasets/{0} an und fügen Sie danach in den Einstellungen einen Zugangsschlüssel (read token) ein.',
  'There is no data set {0}, or it is private.': 'Es gibt keinen Datensatz {0}, oder er ist privat.',
  'Check the spelling: owner/name.': 'Prüfen Sie die Schreibweise: Eigentümer/Name.',
  '{0} has changed and has no part {1} any more.': '{0} hat sich geändert und hat keinen Teil {1} mehr.',
  'Search for it again.': 'Suchen Sie erneut danach.',
  '{0} is in a private network.': '{0} liegt in einem privaten Netz.',
  'In the browser, Fettle opens public addresses only. Download the file yourself and drop it here.':
    'Im Browser öffnet Fettle nur öffentliche Adressen. Laden Sie die Datei selbst herunter und legen Sie sie hier ab.',
  'This is no web address.': 'Das ist keine Webadresse.',
  'It begins with https://': 'Sie beginnt mit https://',
  'This address is not encrypted, so its content could be changed on the way.':
    'Diese Adresse ist nicht verschlüsselt: Der Inhalt könnte unterwegs verändert werden.',
  'Use an address that begins with https://': 'Verwenden Sie eine Adresse, die mit https:// beginnt.',
  'This address holds a name or a password.': 'Diese Adresse enthält einen Namen oder ein Passwort.',
  'Download the file yourself and drop it here.':
    'Laden Sie die Datei selbst herunter und legen Sie sie hier ab.',
  'Downloading from {0}': 'Download von {0}',
  '{0} sends from one address to the next.': '{0} verweist von einer Adresse auf die nächste.',
  'Use another address.': 'Verwenden Sie eine andere Adresse.',
  'There is no file at this address.': 'Unter dieser Adresse gibt es keine Datei.',
  'Check the address.': 'Prüfen Sie die Adresse.',
  '{0} does not let anybody read this file.': '{0} gibt diese Datei nicht für alle frei.',
  'This address shows a web page, not a file.': 'Unter dieser Adresse steht eine Webseite, keine Datei.',
  'Share it with anyone who has the link, or download the file and drop it here.':
    'Geben Sie sie für alle mit dem Link frei, oder laden Sie die Datei herunter und legen Sie sie hier ab.',
  "Fettle can't tell what kind of file this is.": 'Fettle erkennt nicht, was für eine Datei das ist.',
  'It reads CSV, JSON, Excel, Parquet and plain text.':
    'Lesbar sind CSV, JSON, Excel, Parquet und einfacher Text.',
  'This file has more than {0}.': 'Diese Datei ist größer als {0}.',
  'Download it yourself and drop it here, or use a part of it.':
    'Laden Sie sie selbst herunter und legen Sie sie hier ab, oder verwenden Sie einen Teil davon.',
  '{0} reads texts and writes none.': '{0} liest Texte und schreibt keine.',
  'Choose a model that writes, or sort with this one.':
    'Wählen Sie ein Modell, das schreibt, oder ordnen Sie mit diesem ein.',
};
