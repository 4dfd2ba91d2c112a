/** German: a Ray cluster as a target. */
export const RAY: Readonly<Record<string, string>> = {
  '{0} isn’t the address of a Ray cluster.': '{0} ist nicht die Adresse eines Ray-Clusters.',
  'For example: https://head.example.org:8265.': 'Zum Beispiel: https://head.example.org:8265.',
  '{0} isn’t encrypted, so anyone on the way could take your token and run programs there.':
    '{0} ist nicht verschlüsselt. Wer mitliest, hätte Ihren Zugangsschlüssel und könnte dort Programme starten.',
  'Use https, or a tunnel: ssh -L 8265:localhost:8265 {0}, then http://localhost:8265.':
    'Nutzen Sie https oder einen Tunnel: ssh -L 8265:localhost:8265 {0}, dann http://localhost:8265.',
  '{0} no longer knows this job.': '{0} kennt diesen Auftrag nicht mehr.',
  'Resume to have its result made again from the last checkpoint.':
    'Setzen Sie fort, damit das Ergebnis aus dem letzten Zwischenstand noch einmal entsteht.',
  '{0} has Ray {1}, which asks nobody for a token.':
    '{0} hat Ray {1}, das niemanden nach einem Zugangsschlüssel fragt.',
  'Update it to Ray {0} or later, and switch its tokens on.':
    'Aktualisieren Sie es auf Ray {0} oder neuer, und schalten Sie dort die Zugangsschlüssel ein.',
  'The model is too large to send: Ray takes 100 MB at once.':
    'Das Modell ist zu groß zum Senden: Ray nimmt höchstens 100 MB auf einmal.',
  'These rows are too large to send: Ray takes 100 MB at once.':
    'Diese Zeilen sind zu groß zum Senden: Ray nimmt höchstens 100 MB auf einmal.',
  'Have {0} download it from the Hub, or copy the files of {1} to {2} there.':
    'Lassen Sie {0} es vom Hub laden, oder kopieren Sie die Dateien aus {1} dort nach {2}.',
  'Use fewer rows, or reach the cluster over ssh.':
    'Nehmen Sie weniger Zeilen, oder erreichen Sie den Cluster über ssh.',
  'The Python of the cluster lacks {0}. On each of its computers: {1}':
    'Dem Python des Clusters fehlt {0}. Auf jedem seiner Computer: {1}',
  'The computers of the cluster don’t share the folder. Name one that all of them see.':
    'Die Computer des Clusters teilen sich den Ordner nicht. Nennen Sie einen, den alle sehen.',
  'The cluster has room for {0} workers, fewer than the {1} that you named.':
    'Der Cluster hat Platz für {0} Prozesse, weniger als die {1}, die Sie genannt haben.',
  'The certificate of {0} isn’t trusted here.': 'Dem Zertifikat von {0} wird hier nicht vertraut.',
  'Have your system trust the authority that signed it, or use a tunnel of ssh.':
    'Lassen Sie Ihr System der ausstellenden Stelle vertrauen, oder nutzen Sie einen ssh-Tunnel.',
  '{0} refuses its token.': '{0} nimmt den Zugangsschlüssel nicht an.',
  'Add the target again, with the token that the cluster expects.':
    'Fügen Sie das Ziel noch einmal hinzu, mit dem Zugangsschlüssel, den der Cluster erwartet.',
  'What answers at the address of {0} isn’t Ray’s dashboard.':
    'Was unter der Adresse von {0} antwortet, ist nicht das Dashboard von Ray.',
  'Check the address. Ray’s usual port is 8265.': 'Prüfen Sie die Adresse. Üblich ist bei Ray der Port 8265.',
};
