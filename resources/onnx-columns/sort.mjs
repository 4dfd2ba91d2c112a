// Fills the columns of texts with the ONNX file beside it, without Fettle: node sort.mjs "Where is my parcel?"
// Needs Transformers.js (npm install @huggingface/transformers). In your own code: await (await columnSorter(folder))('Where is my parcel?').
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AutoModel, AutoTokenizer, env } from '@huggingface/transformers';

export async function columnSorter(folder) {
  const whole = path.resolve(folder);
  const { prompt, columns } = JSON.parse(readFileSync(path.join(whole, 'outputs.json'), 'utf8'));
  env.allowRemoteModels = false;
  env.localModelPath = path.dirname(whole);
  const name = path.basename(whole);
  const dtype = existsSync(path.join(whole, 'onnx/model_quantized.onnx')) ? 'q8' : 'fp32';
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const model = await AutoModel.from_pretrained(name, { dtype });
  return async (text) => {
    const found = await model(tokenizer(prompt + text, { truncation: true }));
    return Object.fromEntries(
      columns.map(({ name: column, output, categories, from }) => {
        const chances = Array.from(found[output].data, Number);
        const scores = Object.fromEntries(categories.map((category, i) => [category, chances[i]]));
        const best = chances.indexOf(Math.max(...chances));
        // of several categories a text all that are likely enough
        const given = from && categories.filter((_, i) => chances[i] >= from[i]);
        return [column, from ? { categories: given, scores } : { category: categories[best], score: chances[best], scores }];
      }),
    );
  };
}

const own = fileURLToPath(import.meta.url);
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(own)) {
  const sort = await columnSorter(path.dirname(own));
  for (const text of process.argv.slice(2)) console.log(JSON.stringify(await sort(text)));
}
