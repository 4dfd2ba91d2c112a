/** What to do with a file that is read as a document and not as rows. */
const advice = 'Choose “From documents”: a model on your computer makes rows of it.';
export const documentAdvice = { pdf: advice, docx: advice, html: advice };
