import uPlot from 'uplot';
import { colour, onSchemeChange } from './dom.js';

export interface Line {
  label: string;
  /** The name of a colour of the style sheet. */
  colour: string;
  dash?: number[];
}

export interface ChartOptions {
  xLabel: string;
  yLabel: string;
  height: number;
  lines: Line[];
  /** Where given, both axes are logarithmic and these are the labels of the x axis. */
  logarithmicX?: number[];
}

/** x, then one array per line; null is a gap. */
type Data = (number | null)[][];

const FONT = '12px "Inter Variable", system-ui, sans-serif';
/* eslint-disable @typescript-eslint/no-unsafe-enum-assignment --
   uPlot declares a const enum, whose names are out of reach where each file is compiled alone. */
const LINEAR: uPlot.Scale.Distr = 1;
const LOGARITHMIC: uPlot.Scale.Distr = 3;
/* eslint-enable @typescript-eslint/no-unsafe-enum-assignment */
/** Enough to read a logarithmic axis by. */
const POWERS_OF_TWO = Array.from({ length: 24 }, (_, k) => 2 ** (k - 8));
/** Steps that the axis of a chart which has just begun has room for. */
const FEWEST_STEPS = 10;

/** A line chart of uPlot in the page's colours, as wide as its host. */
export class Chart {
  readonly #host: HTMLElement;
  #options: ChartOptions;
  #data: Data = [];
  #plot: uPlot | null = null;

  constructor(host: HTMLElement, options: ChartOptions) {
    this.#host = host;
    this.#options = options;
    host.setAttribute('role', 'img');
    this.replace(options);
    onSchemeChange(() => this.#draw());
    void document.fonts.ready.then(() => this.#draw());
    new ResizeObserver(() => {
      const width = host.clientWidth;
      if (this.#plot !== null && width !== this.#plot.width) {
        this.#plot.setSize({ width, height: this.#options.height });
      }
    }).observe(host);
  }

  /** @param description what the chart says, for those who do not see it */
  show(data: Data, description: string): void {
    this.#data = data;
    this.#host.setAttribute('aria-label', description);
    this.#plot?.setData(data as uPlot.AlignedData);
  }

  /** Other lines from now on, without data at first. */
  replace(options: ChartOptions): void {
    this.#options = options;
    this.#data = [[], ...options.lines.map(() => [])];
    this.#draw();
  }

  #draw(): void {
    this.#plot?.destroy();
    const options = { ...layout(this.#options), width: this.#host.clientWidth };
    this.#plot = new uPlot(options, this.#data as uPlot.AlignedData, this.#host);
  }
}

function layout({ xLabel, yLabel, height, lines, logarithmicX }: ChartOptions): Omit<uPlot.Options, 'width'> {
  const logarithmic = logarithmicX !== undefined;
  return {
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: logarithmic ? LOGARITHMIC : LINEAR, range: logarithmic ? wider(1.25) : atLeastTenSteps },
      y: { distr: logarithmic ? LOGARITHMIC : LINEAR, range: logarithmic ? wider(1.3) : fromZero },
    },
    axes: [
      { ...axis(xLabel), size: 28, ...(logarithmic ? ticksAt(logarithmicX) : {}) },
      { ...axis(yLabel), size: 34, ...(logarithmic ? ticksAt(POWERS_OF_TWO) : {}) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour: name, dash }) => ({
        label,
        stroke: colour(name),
        width: 2,
        dash: dash ?? [],
        points: { show: logarithmic, size: 7, fill: colour('card') },
      })),
    ],
  };
}

function axis(label: string): uPlot.Axis {
  return {
    label,
    font: FONT,
    labelFont: FONT,
    labelSize: 20,
    stroke: colour('muted'),
    grid: { stroke: colour('line'), width: 1 },
    ticks: { show: false },
  };
}

function ticksAt(places: number[]): uPlot.Axis {
  return {
    splits: (_, __, low, high) => places.filter((place) => place >= low && place <= high),
    values: (_, splits) => splits.map((place) => place.toLocaleString('en')),
    // uPlot thins out what is logarithmic otherwise.
    filter: (_, splits) => splits,
  };
}

// uPlot gives null where there are no data yet.

function wider(factor: number): uPlot.Range.Function {
  return (_, low: number | null, high: number | null) => [(low ?? 1) / factor, (high ?? 10) * factor];
}

function fromZero(_: uPlot, __: number | null, high: number | null): uPlot.Range.MinMax {
  return [0, Math.max(high ?? 1, 1e-3) * 1.05];
}

function atLeastTenSteps(_: uPlot, __: number | null, high: number | null): uPlot.Range.MinMax {
  return [0, Math.max(high ?? 0, FEWEST_STEPS)];
}
