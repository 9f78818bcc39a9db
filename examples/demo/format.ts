/** Decimals of what is shown. */
const DECIMALS = 4;

/** A number to read: four decimals, more where it would look like 0, a real minus sign. */
export function show(value: number, decimals = DECIMALS): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const tiny = Math.abs(value) < 0.5 * 10 ** -decimals;
  const huge = Math.abs(value) >= 1e6;
  return tiny || huge ? minus(value.toExponential(2)) : fixed(value, decimals);
}

/** With so many decimals; what is rounded to 0 has no sign. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : minus(text);
}

/** A share in per cent; what is neither nothing nor all does not look so. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return 'NaN';
  if (share > 0 && share < 0.0005) return '< 0.1 %';
  if (share < 1 && share >= 0.9995) return '> 99.9 %';
  return `${(100 * share).toFixed(1)} %`;
}

/** With U+2212 for the minus sign, as wide as a plus. */
function minus(text: string): string {
  return text.replaceAll('-', '−');
}
