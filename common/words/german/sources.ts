/** German: rows from elsewhere, from the Hub or from a web address. */

export const SOURCES: Readonly<Record<string, string>> = {
  'Searching the Hub': 'Suche auf dem Hub',
  'Looking up {0}': 'Nachsehen bei {0}',
  '{0} needs an account at Hugging Face and your consent.':
    '{0} verlangt ein Konto bei Hugging Face und Ihre Zustimmung.',
  'Accept the conditions at huggingface.co/datasets/{0}, then paste a read token into Settings.':
    'Nehmen Sie die Bedingungen auf huggingface.co/datasets/{0} an und fügen Sie danach in den Einstellungen ein Lese-Token ein.',
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
};
