/** A row that was written about a document, as a file of rows has it. */
export function documentRow({
  question,
  answer,
  quote,
  source,
}: Readonly<Record<'question' | 'answer' | 'quote' | 'source', string>>) {
  return { prompt: question, completion: answer, quote, source };
}
