/** What the shared helpers of the suites ask of vitest's `expect`, where there is no vitest: it throws. */
export function expect(got: unknown, what = '') {
  const check = (holds: boolean, want: unknown) => {
    if (!holds) throw new Error(`${what} ${text(got)} is not ${text(want)}`);
  };
  return {
    toBe: (want: unknown) => check(Object.is(got, want), want),
    toEqual: (want: unknown) => check(text(got) === text(want), want),
  };
}

expect.fail = (message: string): never => {
  throw new Error(message);
};

const text = (value: unknown) => JSON.stringify(value)?.slice(0, 500) ?? String(value);
