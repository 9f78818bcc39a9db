import { poolAnswers } from 'consumer-report';
import { softmax } from 'softmax-simd';
import { createPool } from 'softmax-simd/pool';

// Else the answer would be computed once, by the build.
export const dynamic = 'force-dynamic';

export async function GET() {
  return Response.json(await poolAnswers(createPool, softmax));
}
