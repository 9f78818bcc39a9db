import { expect } from 'vitest';

/** An error as `Kind: message`, after a check that it carries the name of the argument which the message names. */
export function textOf(error: unknown): string {
  const { name, message } = error as Error;
  const [, named] = /^\w+: expected (?:no )?(\w+)/.exec(message)!;
  expect(Object.getOwnPropertyDescriptor(error, 'argument')?.value, message).toBe(named);
  return `${name}: ${message}`;
}

/** What a call throws, as `textOf`; 'no error' where it throws nothing. */
export function thrownBy(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return textOf(error);
  }
  return 'no error';
}
