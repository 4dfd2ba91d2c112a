/** How svelte-check and the editor read the components: runes everywhere, no preprocessor but Svelte's own TypeScript. */
export default { compilerOptions: { runes: true } };
