import { isPlain } from '../benchmark/contenders.js';
import type { Report, Request, Timing } from '../benchmark/messages.js';
import { isRunning, runBenchmark } from '../benchmark/run.js';
import { CLAIM_SHAPES, named } from '../benchmark/shapes.js';
import { create, find } from '../dom.js';
import { whenIdle } from './idle.js';

/** The shape of the large figure. */
const MAIN = 2;
/** A second or two, with samples long enough for Firefox's clock of 1 ms. */
const REQUEST: Request = { op: 'softmax', shapes: CLAIM_SHAPES, engines: 'usual', sampleMs: 20, rounds: 5 };

/** How many times as fast as a loop the library is: as recorded, until this browser has measured it when idle. */
export function startClaim(): void {
  const value = find('claim-value', HTMLOutputElement);
  const status = find('claim-status', HTMLElement);
  const again = find('claim-measure', HTMLButtonElement);
  const table = find('claim-table', HTMLElement);
  const like = RECORDED.find(({ id }) => navigator.userAgent.toLowerCase().includes(id)) ?? RECORDED[0]!;
  let timings: Timing[] = [];

  const here = () => CLAIM_SHAPES.map((_, shape) => ratioOf(timings, shape));
  const draw = () => table.replaceChildren(createTable(here()));
  const say = (main: number | null, text: string) => {
    value.textContent = times(main ?? like.ratios[MAIN]!);
    status.textContent = text;
  };
  const saved = `Recorded in ${short(like.name)}.`;
  const receive = (report: Report) => {
    if (report.kind === 'timed') {
      const shape = report.timings[0]?.shape;
      timings = [...timings.filter((timing) => timing.shape !== shape), ...report.timings];
      draw();
    } else if (report.kind === 'done') {
      again.disabled = false;
      say(ratioOf(timings, MAIN), 'Measured just now, in your browser.');
    } else if (report.kind === 'failed') {
      again.disabled = false;
      timings = [];
      draw();
      say(null, `${saved} Not measured here: ${report.message}`);
    }
  };
  const measure = () => {
    timings = [];
    draw();
    again.disabled = true;
    say(null, `${saved} Measuring in your browser …`);
    runBenchmark(REQUEST, receive);
  };

  find('claim-shape', HTMLElement).textContent = named(CLAIM_SHAPES[MAIN]!);
  const { cpu, date } = like;
  find('claim-recorded', HTMLElement).textContent = `Recorded on ${cpu}, ${date}. Below 1, the loop is faster.`;
  draw();
  say(null, saved);
  again.addEventListener('click', measure);
  whenIdle(() => {
    if (!isRunning()) measure();
  });
}

/** Null where not both have been timed yet. */
function ratioOf(timings: Timing[], shape: number): number | null {
  const timed = timings.filter((timing) => timing.shape === shape);
  const plain = timed.find(({ name }) => isPlain(name));
  const ours = timed.find(({ name }) => !isPlain(name));
  return plain === undefined || ours === undefined ? null : plain.minimum / ours.minimum;
}

function createTable(here: (number | null)[]): HTMLElement {
  const heading = (text: string, scope: string) => create('th', { scope }, text);
  const head = ['softmax of', 'your browser', ...RECORDED.map(({ name }) => short(name))];
  const rows = CLAIM_SHAPES.map((shape, k) => {
    const cells = [here[k] ?? null, ...RECORDED.map(({ ratios }) => ratios[k]!)];
    return create('tr', {}, heading(named(shape), 'row'), ...cells.map((ratio) => create('td', {}, times(ratio))));
  });
  return create(
    'table',
    {},
    create('thead', {}, create('tr', {}, ...head.map((text) => heading(text, 'col')))),
    create('tbody', {}, ...rows),
  );
}

function times(ratio: number | null): string {
  return ratio === null ? '–' : `${ratio.toFixed(1)}×`;
}

/** `Chromium 156` of `Chromium 156.0.8078.108`. */
function short(name: string): string {
  return name.replace(/\..*/, '');
}
