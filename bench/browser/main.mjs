// The benchmark in a page: the same operations, shapes and engines as in Node. Driven by bench/browser/browser.mjs, which
// gives it a plan and listens, or by hand: choose, press Run, read the table.
import { OPS } from '../ops.mjs';
import { SHAPES, shapeName } from '../shapes.mjs';
import { detailsOf, headOf } from '../report/details.mjs';
import { shapesOf } from '../report/figures.mjs';
import { runSuite } from '../suite/suite.mjs';
import { MODULES } from './peers.mjs';

const { document, setTimeout, tell } = globalThis;
const element = (id) => document.getElementById(id);

const host = {
  load: (name) => MODULES[name](),
  folder: (name) => new URL(`/peers/${name}/dist/`, document.baseURI).href,
};

const plan = await (await globalThis.fetch('/plan.json')).json();
const results = [];

/** Lets the page be drawn and its messages go out. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

async function run(chosen) {
  element('run').disabled = true;
  await runSuite(host, chosen, async (message) => {
    await tell?.(message);
    if (message.type === 'progress') {
      element('progress').value = message.done;
      element('state').textContent = message.label;
    } else if (message.type === 'result') {
      const same = (r) => ['op', 'shape', 'subject'].every((key) => r[key] === message.result[key]);
      const old = results.findIndex(same);
      results.splice(old < 0 ? results.length : old, 1, message.result);
      show();
    } else if (message.type === 'missing') {
      element('missing').textContent += `${message.engine}: ${message.reason}. `;
    }
    await breathe();
  });
  element('state').textContent = 'done';
  element('progress').value = 1;
  element('run').disabled = false;
}

function show() {
  const tables = OPS.flatMap(({ id }) => shapesOf({ results }, id).map((shape) => detailsOf({ results }, id, shape)));
  element('results').replaceChildren(...tables.map(tableOf));
}

function tableOf({ title, rows }) {
  const table = document.createElement('table');
  table.createCaption().textContent = title;
  const head = headOf({ results });
  for (const cells of [head, ...rows]) {
    const row = table.insertRow();
    for (const cell of cells) {
      const at = cells === head ? row.appendChild(document.createElement('th')) : row.insertCell();
      at.textContent = cell.replaceAll('`', '');
    }
  }
  return table;
}

/** @param {string} id @param {{ value: string, text: string }[]} choices */
function offer(id, choices) {
  element(id).replaceChildren(...choices.map(({ value, text }) => new globalThis.Option(text, value)));
}

offer('op', [{ value: '', text: 'every operation' }, ...OPS.map(({ id, title }) => ({ value: id, text: title }))]);
const shapes = SHAPES.map((shape) => ({ value: shape.id, text: `${shapeName(shape)}, ${shape.use}` }));
offer('shape', [{ value: '', text: 'every shape' }, ...shapes]);
element('shape').value = '1x1000';
element('op').value = 'softmax';
element('agent').textContent = globalThis.navigator.userAgent;
element('run').onclick = () => {
  const [op, shape] = [element('op').value, element('shape').value];
  const cases = plan.cases.filter((c) => (op === '' || c.op === op) && (shape === '' || c.shape === shape));
  return run({ ...plan, cases });
};
element('run').disabled = false;

if (tell !== undefined) {
  await run(plan);
  globalThis.finished = true;
}
