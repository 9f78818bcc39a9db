import { colour, create, find, onSchemeChange } from '../dom.js';
import { pictureOn } from './picture.js';
import type { Stroke } from './rasterise.js';

/** One move of the pen by the keyboard, and the pen's width, as a share of the pad. */
const MOVE = 1 / 24;
const PEN = 1 / 14;

export interface Pad {
  /** A finished picture, f32[28 · 28], in place of the strokes. */
  show(pixels: Float32Array): void;
}

/** Strokes by mouse, finger or keyboard; points in [0, 1]². */
export function createPad(onChange: (strokes: Stroke[]) => void): Pad {
  const canvas = find('pad', HTMLCanvasElement);
  const undo = find('pad-undo', HTMLButtonElement);
  let strokes: Stroke[] = [];
  let current: Stroke | null = null;
  /** Where the keyboard's pen is; null until it is used. */
  let pen: Stroke[number] | null = null;
  const picture = create('canvas');
  const setPicture = pictureOn(picture);
  let pictured = false;

  const paint = () => {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const size = Math.round(canvas.clientWidth * devicePixelRatio);
    if (canvas.width !== size) canvas.width = canvas.height = size;
    context.clearRect(0, 0, size, size);
    if (pictured) context.drawImage(picture, 0, 0, size, size);
    context.lineCap = context.lineJoin = 'round';
    context.lineWidth = PEN * size;
    context.strokeStyle = colour('ink');
    for (const stroke of strokes) {
      context.beginPath();
      stroke.forEach(({ x, y }, k) => {
        if (k === 0) context.moveTo(x * size, y * size);
        context.lineTo(x * size, y * size);
      });
      context.stroke();
    }
    if (pen === null) return;
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = colour('accent');
    context.beginPath();
    context.arc(pen.x * size, pen.y * size, (PEN * size) / 1.6, 0, 2 * Math.PI);
    context.stroke();
  };
  const changed = () => {
    undo.disabled = strokes.length === 0;
    paint();
    onChange(strokes);
  };
  const begin = (point: Stroke[number]) => {
    pictured = false;
    current = [point];
    strokes.push(current);
    changed();
  };
  const pointOf = ({ clientX, clientY }: PointerEvent) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pen = null;
    begin(pointOf(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (current === null || !canvas.hasPointerCapture(event.pointerId)) return;
    const events = event.getCoalescedEvents?.() ?? [];
    current.push(...(events.length > 0 ? events : [event]).map(pointOf));
    changed();
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (current = null));

  canvas.addEventListener('keydown', (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (step === undefined && event.key !== ' ') return;
    event.preventDefault();
    pen ??= { x: 0.5, y: 0.5 };
    if (step === undefined) {
      if (current === null) return begin(pen);
      current = null;
      return;
    }
    const [dx, dy] = step as [number, number];
    pen = { x: Math.min(Math.max(pen.x + dx * MOVE, 0), 1), y: Math.min(Math.max(pen.y + dy * MOVE, 0), 1) };
    if (current === null) return paint();
    current.push(pen);
    changed();
  });
  canvas.addEventListener('blur', () => {
    current = pen = null;
    paint();
  });

  const clear = () => {
    strokes = [];
    current = null;
    pictured = false;
  };
  undo.addEventListener('click', () => {
    strokes.pop();
    current = null;
    changed();
  });
  find('pad-clear', HTMLButtonElement).addEventListener('click', () => {
    clear();
    changed();
  });
  onSchemeChange(paint);
  new ResizeObserver(paint).observe(canvas);
  return {
    show(pixels) {
      clear();
      undo.disabled = true;
      pictured = true;
      setPicture(pixels);
      paint();
    },
  };
}
