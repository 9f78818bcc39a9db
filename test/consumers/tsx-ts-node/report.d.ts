declare module 'consumer-report' {
  export function answers(operations: object, info: object): Promise<object>;
  export function poolAnswers(createPool: unknown, softmax: unknown): Promise<object>;
}
