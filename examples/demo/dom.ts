type Props<K extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[K], 'style' | 'dataset'> & {
    [attribute: `${'aria' | 'data'}-${string}`]: string;
    role: string;
    for: string;
  }
>;

/** The element with this id, which must be of this class. */
export function find<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type))
    throw new Error(`expected #${id} to be ${type.name}, got ${found?.tagName ?? 'nothing'}`);
  return found;
}

/** A new element: names with a dash, `role` and `for` are attributes, all others properties. */
export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props<K> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries<unknown>(props)) {
    if (name.includes('-') || name === 'role' || name === 'for') made.setAttribute(name, String(value));
    else Reflect.set(made, name, value);
  }
  made.append(...children);
  return made;
}

/**
 * A formula as nodes: `a_2` is an italic a with the index 2, `{L}` an italic L.
 *
 * @example formula('−a_2 · a_3 = −0.1')
 */
export function formula(text: string): DocumentFragment {
  const made = document.createDocumentFragment();
  for (const part of text.split(/(\p{L}_\w+|\{\p{L}\})/u)) {
    const [, letter, index] = /^\{?(\p{L})(?:_(\w+)|\})$/u.exec(part) ?? [];
    if (letter === undefined) {
      made.append(part);
      continue;
    }
    const symbol = create('var', {}, letter);
    if (index !== undefined) symbol.append(create('sub', {}, index));
    made.append(symbol);
  }
  return made;
}

/** Whether it could be copied: pages that are not served over https have no clipboard. */
export async function copyText(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return false;
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
}

/** Whether the reader asked for less motion. */
export function reducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** A colour of the style sheet, which depends on the colour scheme. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls `redraw` when the colours change: what is painted on a canvas does not follow by itself. Paper is light. */
export function onSchemeChange(redraw: () => void): void {
  for (const media of ['(prefers-color-scheme: dark)', 'print']) matchMedia(media).addEventListener('change', redraw);
}
