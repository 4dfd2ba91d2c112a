/** The rows of the template for calls of tools: conversations and tools as JSON, each in a cell of its own. */

interface Call {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** A header and a row for each of `talks`: what is asked, and the call or the words that answer it. */
export function toolRows(
  tool: string,
  parameters: Readonly<Record<string, 'string' | 'number'>>,
  talks: readonly (readonly [ask: string, answer: string | Call['arguments']])[],
): readonly (readonly string[])[] {
  const properties = Object.fromEntries(Object.entries(parameters).map(([name, type]) => [name, { type }]));
  const schema = { type: 'object', properties, required: Object.keys(parameters) };
  const tools = JSON.stringify([{ name: tool, parameters: schema }]);
  const rows = talks.map(([ask, answer]) => {
    const said =
      typeof answer === 'string' ? { content: answer } : { tool_calls: [{ name: tool, arguments: answer }] };
    const messages = [
      { role: 'user', content: ask },
      { role: 'assistant', ...said },
    ];
    return [JSON.stringify(messages), tools];
  });
  return [['messages', 'tools'], ...rows];
}
