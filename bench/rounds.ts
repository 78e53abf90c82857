type Measurements = Readonly<Record<string, () => unknown>>;
type Results<M extends Measurements> = { readonly [K in keyof M]: Awaited<ReturnType<M[K]>>[] };

/** Makes each of several measurements in turn, so many rounds, so that noise of the host hits all alike. */
export async function interleave<M extends Measurements>(
  rounds: number,
  measurements: M,
): Promise<Results<M>> {
  const results = Object.fromEntries(
    Object.keys(measurements).map((name) => [name, [] as unknown[]]),
  ) as Results<M>;
  for (let round = 0; round < rounds; round++) {
    for (const name in measurements) {
      results[name].push((await measurements[name]!()) as Results<M>[typeof name][number]);
    }
  }
  return results;
}
