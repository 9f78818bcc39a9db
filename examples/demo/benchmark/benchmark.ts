import { copyText, create, find } from '../dom.js';
import type { Report } from './messages.js';
import { showResults } from './results.js';
import { runBenchmark } from './run.js';
import { type Op, OPS, SHAPES } from './shapes.js';

/** The third section: every engine of this browser, checked and timed. */
export function startBenchmark(): void {
  const op = find('bench-op', HTMLSelectElement);
  const start = find('bench-start', HTMLButtonElement);
  const stop = find('bench-stop', HTMLButtonElement);
  const copy = find('bench-copy', HTMLButtonElement);
  const progress = find('bench-progress', HTMLProgressElement);
  const status = find('bench-status', HTMLElement);
  const engines = find('bench-engines', HTMLElement);
  const results = showResults();
  let halt: () => void = () => undefined;
  let title = '';

  for (const [value, text] of Object.entries(OPS)) op.append(create('option', { value }, text));

  const end = (text: string) => {
    start.disabled = op.disabled = false;
    stop.disabled = true;
    status.textContent = text;
  };
  const receive = (report: Report) => {
    switch (report.kind) {
      case 'engines':
        title = `softmax-simd ${VERSION}: ${OPS[op.value as Op]}, tier ${report.tier}, ${navigator.userAgent}`;
        engines.replaceChildren(engineList(report));
        results.begin(report.here);
        break;
      case 'checked':
        showCheck(report, op.value as Op);
        break;
      case 'timed':
        results.add(report.timings);
        break;
      case 'progress':
        progress.value = report.share;
        if (status.textContent !== report.doing) status.textContent = report.doing;
        break;
      case 'done':
        progress.value = 1;
        copy.disabled = false;
        end('Done.');
        break;
      case 'failed':
        end(report.message);
    }
  };

  start.addEventListener('click', () => {
    start.disabled = op.disabled = true;
    stop.disabled = false;
    copy.disabled = true;
    progress.value = 0;
    status.textContent = 'Starting';
    find('bench-results', HTMLElement).hidden = false;
    const request = { op: op.value as Op, shapes: SHAPES, engines: 'all', sampleMs: 30, rounds: 8 } as const;
    halt = runBenchmark(request, receive);
    stop.focus();
  });
  stop.addEventListener('click', () => {
    halt();
    end('Stopped.');
    start.focus();
  });
  copy.addEventListener('click', () => {
    void copyText(results.markdown(title)).then((copied) => {
      status.textContent = copied ? 'Copied.' : 'The browser refused to copy.';
    });
  });
}

type Engines = Extract<Report, { kind: 'engines' }>;

function engineList({ tier, reason, here, missing }: Engines): HTMLElement {
  const rows = [
    ...here.map((name) =>
      create('li', { 'data-engine': name }, create('b', {}, name), create('span', {}, 'to be checked')),
    ),
    ...missing.map((engine) =>
      create('li', {}, create('b', {}, engine.name), create('span', {}, `not here: ${engine.reason}`)),
    ),
  ];
  const chosen =
    reason === null ? `By default this browser gets ${tier}.` : `By default this browser gets ${tier} (${reason}).`;
  return create('div', {}, create('p', { id: 'bench-tier' }, chosen), create('ul', { className: 'engines' }, ...rows));
}

function showCheck({ name, ulps, promise }: Extract<Report, { kind: 'checked' }>, op: Op): void {
  const row = [...document.querySelectorAll<HTMLElement>('[data-engine]')].find(
    ({ dataset }) => dataset.engine === name,
  );
  const right = ulps <= (promise ?? Number.MAX_VALUE);
  const most = promise === null ? 'nothing promised' : `${promise} promised`;
  const off = op === 'sample' && ulps === 0 ? 'the same tokens' : `off by ${shown(ulps)} ULP at most (${most})`;
  row?.querySelector('span')?.replaceChildren(`${right ? '✓' : '✗ not timed:'} ${off}`);
  row?.classList.add(right ? 'right' : 'wrong');
}

function shown(ulps: number): string {
  return ulps < 100 ? ulps.toFixed(2) : Math.round(ulps).toLocaleString('en');
}
