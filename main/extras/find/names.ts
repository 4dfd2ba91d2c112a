/** Names of files that are searched in: of documents and of tables. The engine looks at the content, since names lie. */
const SEARCHED =
  /\.(pdf|docx|html?|xhtml|md|markdown|te?xt|jsonl?|ndjson|jsonlines|[ct]sv|tab|psv|parquet|pq|xls[xm])(\.gz)?$/i;

export const isSearchedName = (name: string): boolean => SEARCHED.test(name);
